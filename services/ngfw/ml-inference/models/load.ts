import type { ModelEntry } from '../../../common/inference/model-list.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Engine, EngineOptions, ProviderChoice } from '../engine/engine.ts'
import { onnxEngine } from '../engine/onnx.ts'
import { threadEngine } from '../engine/thread.ts'
import { isBatchable } from '../request.ts'
import { Model, type ModelOptions } from './model.ts'
import type { Watcher } from './stats.ts'
import { type Warmth, warmUp } from './warm-up.ts'

/**
 * An execution as short as this holds up the event loop less than handing it to another thread and back costs; a longer one runs in a thread
 * of its own. See docs/decisions/0020-inference-runtime.md.
 */
const shortMs = 3

export interface LoadOptions {
  /** The file's bytes, as the list's checksum wants them. */
  readonly fetch: (entry: ModelEntry, signal: AbortSignal) => Promise<Uint8Array>
  /** The module that a thread begins with. */
  readonly entry: URL
  readonly provider: ProviderChoice
  /** Threads of an execution that has its own thread. */
  readonly threads: number
  readonly defaults: Required<ModelEntry['batching']>
  readonly budgetMs: number
  readonly lagMs: () => number
  readonly watcher: (entry: ModelEntry) => Watcher
  readonly log: Log
}

/** Fetches, loads and warms one version of a model. Rejects with the reason when it cannot serve. */
export async function loadModel(entry: ModelEntry, options: LoadOptions, signal: AbortSignal): Promise<Model> {
  const { name, version } = entry
  const started = performance.now()
  const bytes = await options.fetch(entry, signal)
  const limits = { ...options.defaults, ...entry.batching }
  const { engine, warmth, threaded } = await place(bytes, limits.maxBatch, options)
  if (signal.aborted) {
    await engine.close()
    throw signal.reason
  }
  if (warmth.trouble !== undefined)
    options.log.warn('The model does not run on zeros: it starts cold and unbatched.', {
      model: name,
      version,
      reason: warmth.trouble,
    })
  const { budgetMs, lagMs } = options
  const own: ModelOptions = {
    name,
    version,
    engine,
    warmth,
    ...limits,
    budgetMs,
    lagMs,
    watcher: options.watcher(entry),
  }
  const model = new Model(own)
  options.log.info('The model is loaded.', {
    model: name,
    version,
    provider: engine.info.provider,
    threaded,
    ms: Math.round(performance.now() - started),
    executions: warmth.seen.map(({ rows, ms }) => `${rows} rows ${ms.toFixed(2)} ms`).join(', '),
  })
  return model
}

interface Placed {
  readonly engine: Engine
  readonly warmth: Warmth
  readonly threaded: boolean
}

/** Loads in a thread, where nobody waits for it; a model whose largest batch is short then moves into this one. */
async function place(bytes: Uint8Array, maxBatch: number, { entry, provider, threads }: LoadOptions): Promise<Placed> {
  const options: EngineOptions = { provider, threads }
  const loading = performance.now()
  const engine = await threadEngine(entry, bytes, options)
  const loadMs = performance.now() - loading
  const batchable = isBatchable(engine.info)
  const warmth = await warmUp(engine, batchable, maxBatch)
  const longest = Math.max(...warmth.seen.map(({ ms }) => ms), 0)
  // Loading once more blocks too, a little less than it took with the thread's own start.
  const short = warmth.trouble === undefined && longest <= shortMs && loadMs < 1_000
  if (!short || engine.info.provider !== 'cpu') return { engine, warmth, threaded: true }
  await engine.close()
  const here = await onnxEngine(bytes, { provider: 'cpu', threads: 1 })
  return { engine: here, warmth: await warmUp(here, batchable, maxBatch), threaded: false }
}

import type { ModelEntry } from '../../../common/inference/model-list.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Engine, ProviderChoice } from '../engine/engine.ts'
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
/** Loading blocks too, about a millisecond for each 100 KB. */
const shortBytes = 4 * 2 ** 20

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

/** What fetches, loads and warms one version of a model. Rejects with the reason when it cannot serve. */
export const modelLoader =
  (options: LoadOptions) =>
  (entry: ModelEntry, signal: AbortSignal): Promise<Model> =>
    loadModel(entry, options, signal)

async function loadModel(entry: ModelEntry, options: LoadOptions, signal: AbortSignal): Promise<Model> {
  const { name, version } = entry
  const started = performance.now()
  const bytes = await options.fetch(entry, signal)
  const limits = { ...options.defaults, ...entry.batching }
  const { engine, warmth, threaded } = await inTurn(() => place(bytes, limits.maxBatch, options))
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

let turn: Promise<unknown> = Promise.resolve()

/** One after the other: models that load at once would slow down each other's warm-up, and need their memory twice at the same time. */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const mine = turn.then(act, act)
  turn = mine.catch(() => {})
  return mine
}

interface Placed {
  readonly engine: Engine
  readonly warmth: Warmth
  readonly threaded: boolean
}

/**
 * Loads in a thread, where nobody waits for it, and with one thread of its own, so that its time is all its time. A model whose largest batch
 * is short then moves into this thread, a longer one gets the threads that it may have.
 */
async function place(bytes: Uint8Array, maxBatch: number, { entry, provider, threads }: LoadOptions): Promise<Placed> {
  const first = await threadEngine(entry, bytes, { provider, threads: 1 })
  const batchable = isBatchable(first.info)
  const warmth = await warmUp(first, batchable, maxBatch)
  const longest = Math.max(...warmth.seen.map(({ cpuMs }) => cpuMs), 0)
  const short = warmth.trouble === undefined && longest <= shortMs && bytes.length <= shortBytes
  const gpu = first.info.provider !== 'cpu'
  if (gpu || (!short && threads === 1)) return { engine: first, warmth, threaded: true }
  await first.close()
  const engine = short
    ? await onnxEngine(bytes, { provider: 'cpu', threads: 1 })
    : await threadEngine(entry, bytes, { provider: 'cpu', threads })
  return { engine, warmth: await warmUp(engine, batchable, maxBatch), threaded: !short }
}

import type { Span } from '../../../common/tracing/span.ts'
import { Batcher, type BatchItem } from '../batching/batcher.ts'
import { Cost } from '../batching/cost.ts'
import type { Engine, EngineTensor, ModelInfo, Values } from '../engine/engine.ts'
import { InferenceError } from '../errors.ts'
import { type Admitted, admit, type InferAnswer, type InferRequest, isBatchable } from '../request.ts'
import { allocate, copyInto, slice } from '../tensor/datatypes.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Stats, type Watcher } from './stats.ts'
import type { Warmth } from './warm-up.ts'

export interface ModelOptions {
  readonly name: string
  readonly version: string
  readonly engine: Engine
  readonly warmth: Warmth
  readonly maxBatch: number
  readonly maxDelayMs: number
  readonly maxQueue: number
  readonly budgetMs: number
  readonly lagMs?: () => number
  readonly watcher?: Watcher
}

interface Job extends BatchItem, Admitted {
  readonly since: number
  readonly span: Span | undefined
  readonly done: (outputs: readonly Tensor[]) => void
}

const us = (ms: number) => Math.round(ms * 1_000)

/** One loaded version of a model: requests in, answers out, several of them in one execution. */
export class Model {
  readonly name: string
  readonly version: string
  readonly info: ModelInfo
  readonly stats = new Stats()
  readonly batcher: Batcher<Job>
  readonly #engine: Engine
  readonly #batchable: boolean
  readonly #cost = new Cost()
  readonly #watcher: Watcher | undefined

  constructor({ name, version, engine, warmth, maxBatch, watcher, ...line }: ModelOptions) {
    this.name = name
    this.version = version
    this.info = engine.info
    this.#engine = engine
    this.#batchable = isBatchable(engine.info) && warmth.batches
    this.#watcher = watcher
    for (const { rows, ms } of warmth.seen) this.#cost.observe(rows, ms)
    this.batcher = new Batcher<Job>({
      ...line,
      maxBatch: this.#batchable ? maxBatch : 1,
      streams: 1,
      cost: this.#cost,
      run: (batch) => this.#run(batch),
    })
  }

  /**
   * Answers a request. Rejects with InferenceError; with CANCELLED when `signal` fires before its turn.
   * @see admit for what a request must be.
   */
  async infer(request: InferRequest, signal?: AbortSignal): Promise<InferAnswer> {
    const since = performance.now()
    try {
      const outputs = await this.#enqueue(request, since, signal)
      const ms = performance.now() - since
      this.stats.count('ok')
      this.stats.requestUs += us(ms)
      this.#watcher?.answered(ms / 1_000)
      return { model: this.name, version: this.version, id: request.id, outputs }
    } catch (error) {
      const code = error instanceof InferenceError ? error.code : 'INTERNAL'
      this.stats.count(code.toLowerCase() as Lowercase<typeof code>)
      throw error
    }
  }

  /** Takes no more requests, answers those that it has, and frees its memory. */
  async close(): Promise<void> {
    await this.batcher.close()
    await this.#engine.close()
  }

  #enqueue(request: InferRequest, since: number, signal: AbortSignal | undefined): Promise<readonly Tensor[]> {
    const admitted = admit(request, this.info, this.#batchable)
    return new Promise((resolve, reject) => {
      const settled = <A extends unknown[]>(then: (...args: A) => void) =>
        signal === undefined
          ? then
          : (...args: A) => {
              signal.removeEventListener('abort', onAbort)
              then(...args)
            }
      const leave = this.batcher.submit({
        ...admitted,
        deadlineAt: request.deadlineAt,
        since,
        span: request.span,
        done: settled(resolve),
        fail: settled(reject),
      })
      function onAbort() {
        leave()
        reject(new InferenceError('CANCELLED', 'The caller went away.'))
      }
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  async #run(batch: readonly Job[]): Promise<void> {
    try {
      await this.#execute(batch)
    } catch (error) {
      // One request can spoil an execution (an index that the model does not have): the others are innocent.
      if (batch.length > 1) for (const job of batch) await this.#run([job])
      else batch[0]!.fail(failed(error))
    }
  }

  async #execute(batch: readonly Job[]): Promise<void> {
    const { stats } = this
    const start = performance.now()
    const rows = batch.reduce((sum, job) => sum + job.rows, 0)
    const inputs = this.#pack(batch, rows)
    const wanted = this.info.outputs.flatMap(({ name }) =>
      batch.some((job) => job.outputs.includes(name)) ? [name] : [],
    )
    const packed = performance.now()
    const values = await this.#engine.run(inputs, wanted)
    const executed = performance.now()
    const answers = batch.length === 1 ? [unpackOne(batch[0]!, values)] : unpack(batch, values, rows)
    const end = performance.now()
    this.#cost.observe(rows, end - start)
    this.#watcher?.executed(rows)
    stats.executions++
    stats.inferences += rows
    stats.busyMs += executed - packed
    stats.inputUs += us(packed - start) * batch.length
    stats.inferUs += us(executed - packed) * batch.length
    stats.outputUs += us(end - executed) * batch.length
    batch.forEach((job, i) => {
      stats.queueUs += us(start - job.since)
      if (job.span !== undefined) tell(job.span, rows, [job.since, start, packed, executed, end])
      job.done(answers[i]!)
    })
  }

  /** The inputs of all, one behind the other. */
  #pack(batch: readonly Job[], rows: number): Values {
    const one = batch.length === 1 ? batch[0]! : undefined
    return Object.fromEntries(
      this.info.inputs.map(({ name, datatype }, i): [string, EngineTensor] => {
        if (one) return [name, one.inputs[i]!]
        const inner = batch[0]!.inputs[i]!.shape.slice(1)
        const data = allocate(datatype, rows * inner.reduce((product, size) => product * size, 1))
        let at = 0
        for (const { inputs } of batch) {
          const part = inputs[i]!.data
          copyInto(data, part, at)
          at += part.length
        }
        return [name, { datatype, shape: [rows, ...inner], data }]
      }),
    )
  }
}

/** What became of a request in an execution; times of `performance.now()`: it came, its batch began, was packed, was executed, was taken apart. */
function tell(
  span: Span,
  rows: number,
  [since, start, packed, executed, end]: readonly [number, number, number, number, number],
): void {
  span.set({ 'nd.batch.rows': rows })
  span.part('wait in line', since, start)
  span.part('pack', start, packed)
  span.part('execute', packed, executed)
  span.part('unpack', executed, end)
}

const unpackOne = ({ outputs }: Job, values: Values): Tensor[] => outputs.map((name) => ({ name, ...values[name]! }))

/** Each request's own rows of the outputs that it wants. Throws when an output has not a row for each of the batch. */
function unpack(batch: readonly Job[], values: Values, rows: number): Tensor[][] {
  let row = 0
  return batch.map((job) => {
    const from = row
    row += job.rows
    return job.outputs.map((name) => {
      const { datatype, shape, data } = values[name]!
      if (shape[0] !== rows) throw new RangeError(`The output '${name}' has ${shape[0]} rows for ${rows}.`)
      const inner = data.length / rows
      return { name, datatype, shape: [job.rows, ...shape.slice(1)], data: slice(data, from * inner, row * inner) }
    })
  })
}

function failed(cause: unknown): InferenceError {
  if (cause instanceof InferenceError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  return new InferenceError('INTERNAL', `The model failed: ${text.slice(0, 300)}`, { cause })
}

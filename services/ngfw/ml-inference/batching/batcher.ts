import { InferenceError } from '../errors.ts'
import type { Cost } from './cost.ts'

/** A request that waits for its turn. */
export interface BatchItem {
  readonly rows: number
  /** Requests share an execution when this is equal: the same inputs, types and inner dimensions. */
  readonly key: string
  /** On `now`'s clock; Infinity for none. */
  readonly deadlineAt: number
  /** Ends it without an execution. */
  readonly fail: (error: InferenceError) => void
}

export interface BatcherOptions<T extends BatchItem> {
  /** The most rows of one execution. */
  readonly maxBatch: number
  /** Milliseconds that the first of a batch may wait for others when the model has just been at work. */
  readonly maxDelayMs: number
  /** The most rows that wait. */
  readonly maxQueue: number
  /** A request that would wait longer than this for its answer is refused at once, milliseconds. */
  readonly budgetMs: number
  /** Executions at once. */
  readonly streams: number
  readonly cost: Cost
  /** Executes; settles every item; never rejects. Called with at least one item. */
  readonly run: (batch: readonly T[]) => Promise<void>
  /** How long requests wait in the process before they come here, milliseconds. Default: none. */
  readonly lagMs?: () => number
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  /** Calls back when all that has arrived by now has been handed in. Default: `setImmediate`. */
  readonly soon?: (callback: () => void) => void
  /** Calls back later; answers how to forget it. */
  readonly later?: (callback: () => void, ms: number) => () => void
}

interface Waiting<T> {
  readonly item: T
  readonly since: number
  /** Still in line: neither taken nor gone. */
  here: boolean
}

/**
 * The line before one model. A batch is what stands at the head of the line and fits together: the order of arrival holds, so nobody starves.
 * A request that finds the model idle waits for nothing; while it works, others gather.
 */
export class Batcher<T extends BatchItem> {
  readonly #options: BatcherOptions<T>
  readonly #now: () => number
  readonly #line: Waiting<T>[] = []
  readonly #running = new Set<{ readonly rows: number; readonly since: number }>()
  #head = 0
  #rows = 0
  #soon = false
  #forget: (() => void) | undefined
  #closed = false
  #idle: (() => void)[] = []

  constructor(options: BatcherOptions<T>) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Rows that wait. */
  get queuedRows(): number {
    return this.#rows
  }

  /** Executions now. */
  get running(): number {
    return this.#running.size
  }

  /** Requests that wait. */
  get pending(): number {
    return this.#line.length - this.#head
  }

  /**
   * Puts a request in line; answers how to take it out again. Throws InferenceError: INVALID (more rows than a batch), QUEUE_FULL, OVERLOADED,
   * DEADLINE, NOT_READY (closed).
   */
  submit(item: T): () => void {
    this.#admit(item)
    const waiting: Waiting<T> = { item, since: this.#now(), here: true }
    const idle = this.#running.size === 0 && this.pending === 0
    this.#line.push(waiting)
    this.#rows += item.rows
    if (idle) this.#pumpSoon()
    else if (!this.#soon) this.#pump()
    return () => this.#leave(waiting)
  }

  /** Takes no more. Resolves when all that was in line has been answered. */
  close(): Promise<void> {
    this.#closed = true
    if (this.#running.size === 0 && this.pending === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Milliseconds until a request of so many rows that comes now would be answered. */
  estimate(rows: number): number {
    const { maxBatch, streams, cost, lagMs } = this.#options
    const now = this.#now()
    let work = 0
    for (const { rows: running, since } of this.#running) work += Math.max(0, cost.estimate(running) - (now - since))
    const ahead = this.#rows + rows
    work += Math.floor(ahead / maxBatch) * cost.estimate(maxBatch) + cost.estimate(ahead % maxBatch)
    return work / streams + (lagMs?.() ?? 0)
  }

  #admit({ rows, deadlineAt }: T): void {
    const { maxBatch, maxQueue, budgetMs } = this.#options
    if (this.#closed) throw new InferenceError('NOT_READY', 'The model is being unloaded.', { retryAfterMs: 1_000 })
    if (rows > maxBatch)
      throw new InferenceError('INVALID', `The request has ${rows} rows; this model takes at most ${maxBatch} at once.`)
    const wait = this.estimate(rows)
    if (this.#rows > 0 && this.#rows + rows > maxQueue)
      throw new InferenceError('QUEUE_FULL', `${this.#rows} rows wait already; at most ${maxQueue} may.`, {
        retryAfterMs: wait,
      })
    // Whoever finds nobody before it is served, however slow the model is.
    if (this.pending === 0 && this.#running.size < this.#options.streams) return
    if (wait > budgetMs)
      throw new InferenceError(
        'OVERLOADED',
        `The answer would take ${Math.ceil(wait)} ms; ${budgetMs} ms are promised.`,
        {
          retryAfterMs: wait - budgetMs,
        },
      )
    if (this.#now() + wait > deadlineAt)
      throw new InferenceError('DEADLINE', `The answer would take ${Math.ceil(wait)} ms, which is after its deadline.`)
  }

  #pumpSoon(): void {
    if (this.#soon) return
    this.#soon = true
    const soon = this.#options.soon ?? ((callback) => void setImmediate(callback))
    soon(() => {
      this.#soon = false
      this.#pump(true)
    })
  }

  /** Starts what may start. `now`: without waiting for others. */
  #pump(now = false): void {
    const { streams, maxBatch, maxDelayMs } = this.#options
    this.#forget?.()
    this.#forget = undefined
    while (this.#running.size < streams) {
      this.#dropDead()
      const first = this.#line[this.#head]
      if (!first) break
      const left = first.since + maxDelayMs - this.#now()
      if (!now && left > 0 && this.#rows < maxBatch) {
        const later = this.#options.later ?? timer
        this.#forget = later(() => this.#pump(), left)
        return
      }
      this.#start(this.#take())
    }
    this.#compact()
    if (this.#running.size === 0 && this.pending === 0) for (const done of this.#idle.splice(0)) done()
  }

  #start(batch: readonly T[]): void {
    const run = { rows: batch.reduce((sum, { rows }) => sum + rows, 0), since: this.#now() }
    this.#running.add(run)
    const done = () => {
      this.#running.delete(run)
      this.#pump()
    }
    this.#options.run(batch).then(done, done)
  }

  /** The head of the line, with all that directly follows and fits. */
  #take(): T[] {
    const batch: T[] = []
    let rows = 0
    for (; this.#head < this.#line.length; this.#head++) {
      const waiting = this.#line[this.#head]!
      if (this.#isDead(waiting)) continue
      const { item } = waiting
      if (batch.length > 0 && (item.key !== batch[0]!.key || rows + item.rows > this.#options.maxBatch)) break
      this.#leave(waiting)
      batch.push(item)
      rows += item.rows
    }
    return batch
  }

  /** Those at the head who went away, and those whose time is over. */
  #dropDead(): void {
    while (this.#head < this.#line.length && this.#isDead(this.#line[this.#head]!)) this.#head++
  }

  #isDead(waiting: Waiting<T>): boolean {
    if (!waiting.here) return true
    if (waiting.item.deadlineAt > this.#now()) return false
    this.#leave(waiting)
    waiting.item.fail(new InferenceError('DEADLINE', 'The deadline of the request passed while it waited.'))
    return true
  }

  #leave(waiting: Waiting<T>): void {
    if (!waiting.here) return
    waiting.here = false
    this.#rows -= waiting.item.rows
  }

  #compact(): void {
    if (this.#head < 1_024 && this.#head < this.#line.length) return
    this.#line.splice(0, this.#head)
    this.#head = 0
  }
}

function timer(callback: () => void, ms: number): () => void {
  const handle = setTimeout(callback, ms)
  return () => clearTimeout(handle)
}

import { retryLater } from '../../common/http/errors.ts'

export interface GateOptions {
  /** Statements that run at once. */
  readonly maxRunning: number
  /** Statements that may wait for a place. */
  readonly maxWaiting: number
  /** How long one may wait, milliseconds. */
  readonly waitMs: number
}

/** Bounds what runs at the hot tier at once, and what waits for it: beyond that, callers learn at once that it is busy. */
export class Gate {
  readonly #options: GateOptions
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(options: GateOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Runs `work` when there is a place. Throws HttpError 503 BUSY, or the signal's reason while it waits. */
  async pass<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#running < this.#options.maxRunning) this.#running++
    else await this.#wait(signal)
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { maxWaiting, waitMs } = this.#options
    if (this.#waiting.size >= maxWaiting) throw busy(waitMs)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    // Out of the queue before anything else runs: a place that is passed to one who has given up would be lost.
    const giveUp = (why: unknown) => {
      this.#waiting.delete(resolve)
      reject(why)
    }
    const timer = setTimeout(() => giveUp(busy(waitMs)), waitMs)
    const gone = () => giveUp(signal.reason)
    signal.addEventListener('abort', gone, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', gone)
    }
  }

  /** The place passes to who waits longest. */
  #leave(): void {
    const [next] = this.#waiting
    if (!next) {
      this.#running--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

const busy = (waitMs: number) =>
  retryLater(
    503,
    'BUSY',
    'More questions are being answered than may be at once. Ask again after the time in Retry-After.',
    waitMs / 2,
  )

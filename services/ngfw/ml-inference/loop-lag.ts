const everyMs = 20

/**
 * How late the event loop is, again and again: how long what has arrived waits before anybody looks at it. One stall (a collection of garbage, a
 * machine that is busy elsewhere) says nothing of the next request, so it takes two in a row.
 */
export class LoopLag {
  readonly #timer: NodeJS.Timeout
  #last = performance.now()
  #before = 0
  #ms = 0

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now()
      const late = Math.max(now - this.#last - everyMs, 0)
      this.#ms = Math.min(late, this.#before)
      this.#before = late
      this.#last = now
    }, everyMs).unref()
  }

  /** Milliseconds. */
  get ms(): number {
    return this.#ms
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

const everyMs = 20
/** How much of an old lag is left after one interval. */
const fading = 0.6

/** How late the event loop is: how long what has arrived waits before anybody looks at it. */
export class LoopLag {
  readonly #timer: NodeJS.Timeout
  #last = performance.now()
  #ms = 0

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#ms = Math.max(now - this.#last - everyMs, this.#ms * fading, 0)
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

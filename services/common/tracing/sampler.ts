export interface SamplerOptions {
  /** One in so many, on average. */
  readonly oneIn: number
  /** The most a second, and at once. */
  readonly perSecond: number
  readonly burst: number
  /** Milliseconds, monotonic. */
  readonly now?: () => number
  /** From 0 up to 1. */
  readonly random?: () => number
}

/**
 * Chooses what begins a trace. The way to the next choice is random, up to twice the mean, so that a sender whose requests repeat in a pattern is seen as a whole; a
 * token bucket is the ceiling, whatever is sent.
 */
export class Sampler {
  readonly #options: Required<SamplerOptions>
  #tokens: number
  #filledAt: number

  constructor(options: SamplerOptions) {
    this.#options = { now: () => performance.now(), random: Math.random, ...options }
    this.#tokens = options.burst
    this.#filledAt = this.#options.now()
  }

  /** How many come until the next choice, that one included. */
  gap(): number {
    const { oneIn, random } = this.#options
    return 1 + Math.floor(random() * (2 * oneIn - 1))
  }

  /** Whether the ceiling lets one more through. */
  take(): boolean {
    const { perSecond, burst, now } = this.#options
    const at = now()
    this.#tokens = Math.min(burst, this.#tokens + ((at - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = at
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

import { InferenceError } from './errors.ts'

/** Room for the bytes of requests that are here at once, whichever way they came. */
export class InFlight {
  readonly #most: number
  #bytes = 0

  constructor(mostBytes: number) {
    this.#most = mostBytes
  }

  /** Throws InferenceError OVERLOADED when there is no room. A request that is alone always has room. */
  take(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#most)
      throw new InferenceError('OVERLOADED', 'Too many bytes of requests are here at once.', { retryAfterMs: 1_000 })
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }
}

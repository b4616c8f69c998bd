import { retryLater } from '../../common/http/errors.ts'

/** What the collector has taken in and not yet answered, bounded in bytes so that it never runs out of memory. */
export class InFlight {
  readonly #maxBytes: number
  #bytes = 0
  #events = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get events(): number {
    return this.#events
  }

  /** A request's own share; `end` gives it back, once. */
  begin() {
    let bytes = 0
    let events = 0
    return {
      /** Throws HttpError 503 when there is no room. */
      reserve: (more: number): void => {
        if (this.#bytes + more > this.#maxBytes)
          throw retryLater(
            503,
            'BUSY',
            'The collector has more in flight than it may hold. Send the same batch again.',
            1_000,
          )
        bytes += more
        this.#bytes += more
      },
      waiting: (count: number): void => {
        events += count
        this.#events += count
      },
      end: (): void => {
        this.#bytes -= bytes
        this.#events -= events
        bytes = 0
        events = 0
      },
    }
  }
}

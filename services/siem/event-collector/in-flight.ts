import { retryLater } from '../../common/http/errors.ts'

/** What the collector has taken in and not yet answered, bounded in bytes so that it never runs out of memory. */
export class InFlight {
  readonly #maxBytes: number
  #bytes = 0
  #events = 0
  #waiting: (() => void)[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get events(): number {
    return this.#events
  }

  /** Whether nothing more should be taken that can wait with its sender. */
  get full(): boolean {
    return this.#bytes >= this.#maxBytes
  }

  /** Resolves when something was given back. */
  freed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Counts what is there already, room or not: its sender is held back, not it. Negative to give back. */
  hold(bytes: number, events: number): void {
    this.#bytes += bytes
    this.#events += events
    if (bytes < 0) this.#wake()
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go()
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
        this.#wake()
      },
    }
  }
}

import { unlessGone } from './gone.ts'

/** What a piece of work is told while it runs. */
export interface Flight {
  /** Fires when nobody waits for the result any more. */
  readonly signal: AbortSignal
  /** From here on what happens outside is no longer seen: a fresh caller does not join. */
  departed(): void
}

export interface Passenger {
  /** The result must not be older than the call: joins only what was asked for freshly too and has not departed. */
  readonly fresh: boolean
  /** Fires when the caller no longer wants the result. */
  readonly signal: AbortSignal
}

interface Open<T> {
  readonly fresh: boolean
  readonly result: Promise<T>
  readonly abort: AbortController
  passengers: number
  departed: boolean
}

/** Equal work at the same time runs once, and stops when the last who waits for it has gone. */
export class Flights<T> {
  /** The latest of each key. */
  readonly #open = new Map<string, Open<T>>()

  get size(): number {
    return this.#open.size
  }

  /** Resolves or rejects as `work` does; rejects with the signal's reason as soon as the caller has gone. */
  async join(key: string, { fresh, signal }: Passenger, work: (flight: Flight) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const found = this.#open.get(key)
    const joins = found && !found.abort.signal.aborted && (!fresh || (found.fresh && !found.departed))
    const flight = joins ? found : this.#begin(key, fresh, work)
    flight.passengers++
    try {
      return await unlessGone(signal, flight.result)
    } finally {
      if (--flight.passengers === 0) flight.abort.abort(new Error('Nobody waits for the result.'))
    }
  }

  #begin(key: string, fresh: boolean, work: (flight: Flight) => Promise<T>): Open<T> {
    const abort = new AbortController()
    const start = Promise.withResolvers<void>()
    const flight: Open<T> = {
      fresh,
      abort,
      passengers: 0,
      departed: false,
      result: start.promise.then(() =>
        work({
          signal: abort.signal,
          departed: () => {
            flight.departed = true
          },
        }),
      ),
    }
    this.#open.set(key, flight)
    const land = () => {
      if (this.#open.get(key) === flight) this.#open.delete(key)
    }
    flight.result.then(land, land)
    start.resolve()
    return flight
  }
}

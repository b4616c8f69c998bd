import type { Shape } from './shape.ts'

/** Finer than any shape changes. */
const stepSeconds = 0.001

/**
 * When each event is due, whatever the receiver does: an open loop. Events lie evenly within a millisecond; their times never depend on when
 * anybody looked.
 */
export class Schedule {
  readonly #rate: number
  readonly #shape: Shape
  readonly #seconds: number
  #step = 0
  /** Events due by the end of the last step. A fraction. */
  #due = 0
  #given = 0

  /** `rate` events a second where the shape is 1, for `seconds`. */
  constructor(rate: number, seconds: number, shape: Shape) {
    this.#rate = rate
    this.#seconds = seconds
    this.#shape = shape
  }

  get given(): number {
    return this.#given
  }

  get over(): boolean {
    return this.#step * stepSeconds >= this.#seconds
  }

  /** Calls `each` with the due time of every event up to `seconds` since the start that has not been given yet, in order. */
  until(seconds: number, each: (due: number) => void): void {
    const end = Math.min(seconds, this.#seconds)
    for (; (this.#step + 1) * stepSeconds <= end; this.#step++) {
      const from = this.#step * stepSeconds
      const amount = this.#rate * this.#shape(from) * stepSeconds
      const before = this.#due
      this.#due += amount
      for (; this.#given + 1 <= this.#due; this.#given++)
        each(from + ((this.#given + 1 - before) / amount) * stepSeconds)
    }
  }
}

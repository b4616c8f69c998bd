/** The last `capacity` steps of a series, gaps included. */
export class History {
  readonly capacity: number
  readonly #values: Float64Array
  #count = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#values = new Float64Array(capacity)
  }

  push(value: number | undefined): void {
    this.#values[this.#count % this.capacity] = value ?? Number.NaN
    this.#count++
  }

  /** The value `ago` steps back, 0 being the last; undefined for a gap and for what is not kept. */
  at(ago: number): number | undefined {
    if (ago < 0 || ago >= this.capacity || ago >= this.#count) return undefined
    const value = this.#values[(this.#count - 1 - ago) % this.capacity]!
    return Number.isNaN(value) ? undefined : value
  }
}

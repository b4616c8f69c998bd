/** The last `capacity` values of a series by step number, gaps included. */
export class Series {
  readonly #values: Float64Array
  /** Steps seen. */
  length = 0

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity).fill(Number.NaN)
  }

  push(value: number): void {
    this.#values[this.length++ % this.#values.length] = value
  }

  /** The value of a step; NaN for a gap, for what is not kept any more and for what has not been. */
  at(step: number): number {
    if (step < 0 || step >= this.length || step < this.length - this.#values.length) return Number.NaN
    return this.#values[step % this.#values.length]!
  }

  /** Mean of the values within `radius` steps of one; NaN where none is known. */
  around(step: number, radius: number): number {
    let sum = 0
    let count = 0
    for (let at = step - radius; at <= step + radius; at++) {
      const value = this.at(at)
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    return count === 0 ? Number.NaN : sum / count
  }
}

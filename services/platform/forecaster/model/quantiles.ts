/** Errors kept. */
const kept = 2_880

/** How often the errors are sorted anew, in steps. */
const every = 30

/** Quantiles of recent standardised errors: what has to be added to a forecast, in spreads, to cover a share of futures (split conformal prediction on a sliding window). */
export class Quantiles {
  readonly #errors: number[] = []
  #sorted: Float64Array = new Float64Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  learn(error: number): void {
    this.#errors[this.#count++ % kept] = error
    if (this.#count % every === 0) this.#sorted = Float64Array.from(this.#errors).sort()
  }

  at(quantile: number): number {
    const n = this.#sorted.length
    return n === 0 ? 0 : this.#sorted[Math.min(n - 1, Math.ceil(quantile * (n + 1)) - 1)]!
  }
}

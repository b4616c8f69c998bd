/** Kept errors of a candidate. */
const kept = 1_440

/** Pinball loss: what an error costs at a quantile. */
export const pinball = (quantile: number, value: number, forecast: number): number =>
  value >= forecast ? quantile * (value - forecast) : (1 - quantile) * (forecast - value)

/** The recent errors of a point forecast, as shares of it: what must be added to it to cover a share of the futures, and how well that did. */
export class Residuals {
  readonly #quantile: number
  readonly #errors: number[] = []
  #sorted: number[] | undefined
  #loss = 0
  #weight = 0
  count = 0

  constructor(quantile: number) {
    this.#quantile = quantile
  }

  /** A forecast whose time has come. */
  learn(forecast: number, value: number): void {
    const covered = this.cover(forecast, this.#quantile)
    this.#loss = this.#loss * (1 - 1 / kept) + pinball(this.#quantile, value, covered)
    this.#weight = this.#weight * (1 - 1 / kept) + 1
    if (forecast <= 0) return
    this.#errors[this.count++ % kept] = value / forecast - 1
    if (this.count % 15 === 0) this.#sorted = undefined
  }

  /** Mean recent pinball loss, in the metric's unit. */
  get loss(): number {
    return this.#weight === 0 ? 0 : this.#loss / this.#weight
  }

  /** The forecast with as much added as covers the share `quantile` of recent futures. */
  cover(forecast: number, quantile: number): number {
    this.#sorted ??= this.#errors.toSorted((a, b) => a - b)
    if (this.#sorted.length === 0) return forecast
    const at = Math.min(this.#sorted.length - 1, Math.floor(quantile * this.#sorted.length))
    return Math.max(0, forecast * (1 + this.#sorted[at]!))
  }
}

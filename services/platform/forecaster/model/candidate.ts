import { type Prediction, Predictor, type Shape } from './predictor.ts'
import { Quantiles } from './quantiles.ts'

/** Steps that the recent loss looks back on: a day of minutes. */
const memory = 1_440

/** Pinball loss: what a forecast of a quantile costs when the value comes. */
export const pinball = (quantile: number, value: number, forecast: number): number =>
  value >= forecast ? quantile * (value - forecast) : (1 - quantile) * (forecast - value)

/** A way to forecast, with the quantiles of its own errors and its recent pinball loss at one of them. */
export class Candidate {
  readonly name: string
  readonly #quantile: number
  readonly #ahead: number
  readonly #predictor: Predictor
  readonly #quantiles = new Quantiles()
  /** What was forecast for the next steps, one slot each. */
  readonly #due: (number | undefined)[] = []
  #step = 0
  #loss = 0
  #weight = 0

  constructor(name: string, ahead: number, shape: Shape, quantile: number) {
    this.name = name
    this.#quantile = quantile
    this.#ahead = ahead
    this.#predictor = new Predictor(ahead, shape)
  }

  observe(value: number): void {
    const slot = this.#step++ % this.#ahead
    const due = this.#due[slot]
    if (due !== undefined && !Number.isNaN(value)) {
      this.#loss = this.#loss * (1 - 1 / memory) + pinball(this.#quantile, value, due)
      this.#weight = this.#weight * (1 - 1 / memory) + 1
    }
    const error = this.#predictor.observe(value)
    if (error !== undefined) this.#quantiles.learn(error)
    this.#due[slot] = this.at(this.#quantile)
  }

  get prediction(): Prediction | undefined {
    return this.#predictor.prediction
  }

  /** The value that a share `quantile` of futures stays below; undefined without enough history. */
  at(quantile: number): number | undefined {
    const prediction = this.prediction
    if (!prediction) return undefined
    return Math.max(0, prediction.mean + this.#quantiles.at(quantile) * prediction.spread)
  }

  /** Forecasts judged. */
  get judged(): number {
    return this.#weight
  }

  /** Mean recent pinball loss in the metric's unit; Infinity before the first. */
  get loss(): number {
    return this.#weight === 0 ? Number.POSITIVE_INFINITY : this.#loss / this.#weight
  }
}

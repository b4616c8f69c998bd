import { Regression } from './regression.ts'
import { Series } from './series.ts'

/** What a prediction is made of. */
export interface Shape {
  /** How fast each level follows the series, per step: 1 is the last value, 0.015 about the last hour. */
  readonly rates: readonly number[]
  /** Which of them is the level that the others are seen against. */
  readonly reference: number
  /** Steps of a season, whose last occurrence may tell what comes. */
  readonly seasons: readonly number[]
}

/** The last value stays: hard to beat over a few minutes. */
export const persistence: Shape = { rates: [1], reference: 0, seasons: [] }

/** Level and trend at five time scales. */
export const trend: Shape = { rates: [1, 0.4, 0.15, 0.05, 0.015], reference: 1, seasons: [] }

/** Times that levels may differ before the rest is taken for an outlier. */
const clip = 1

/** Errors further out than so many spreads count as that many: one burst or drop-out shall not undo what was learned. */
const outlier = 4

/** Steps that the spread of errors looks back on. */
const memory = 120

/** Steps that the long mean looks back on. */
const longMemory = 1_440

/** Steps to either side over which yesterday is smoothed. */
const smoothing = 2

export interface Prediction {
  readonly mean: number
  /** The recent root mean square of errors at this level. */
  readonly spread: number
}

/**
 * The series `ahead` steps ahead, learned by regression from its own past: how levels at several time scales differ, and what the same time of seasons
 * before became. Relative to the level, so that a series in other units is forecast alike. Never fitted to anything but what it observed.
 */
export class Predictor {
  readonly #ahead: number
  readonly #shape: Shape
  readonly #series: Series
  readonly #levels: Float64Array
  readonly #regression: Regression
  readonly #pending: { features: Float64Array; base: number; scale: number; mean: number }[] = []
  #started = false
  #slow = 0
  #slowWeight = 0
  #square = 0
  #squares = 0

  constructor(ahead: number, shape: Shape) {
    this.#ahead = ahead
    this.#shape = shape
    this.#levels = new Float64Array(shape.rates.length)
    this.#series = new Series(Math.max(ahead, ...shape.seasons) + smoothing + 2)
    // The differences from the reference, a constant where there are any, the seasons.
    this.#regression = new Regression(shape.rates.length > 1 ? shape.rates.length + shape.seasons.length : 0)
  }

  /** One step; NaN is a gap: nothing is learned from it. Returns the standardised error of the forecast made for it, if there was one. */
  observe(value: number): number | undefined {
    const step = this.#series.length
    this.#series.push(value)
    const slot = step % this.#ahead
    const due = this.#pending[slot]
    const error = due === undefined || Number.isNaN(value) ? undefined : this.#learn(due, value)
    if (!Number.isNaN(value)) this.#follow(value)
    this.#pending[slot] = this.#predict(step)
    return error
  }

  /** What the last step foretells. */
  get prediction(): Prediction | undefined {
    const made = this.#pending[(this.#series.length - 1) % this.#ahead]
    if (made === undefined || this.#squares < memory / 4) return undefined
    return { mean: made.mean, spread: this.#spread(made.mean) }
  }

  #follow(value: number): void {
    const { rates } = this.#shape
    for (let i = 0; i < rates.length; i++)
      this.#levels[i] = this.#started ? this.#levels[i]! + rates[i]! * (value - this.#levels[i]!) : value
    this.#started = true
    this.#slowWeight = Math.min(this.#slowWeight + 1, longMemory)
    this.#slow += (value - this.#slow) / this.#slowWeight
  }

  /** What a difference is seen against: the level, and a part of the long mean, so that an empty night has no infinite ratios. */
  get #floor(): number {
    return 0.1 * this.#slow
  }

  #predict(step: number) {
    const { rates, reference, seasons } = this.#shape
    const features = new Float64Array(this.#regression.weights.length)
    const base = this.#levels[reference]!
    const scale = base + this.#floor
    if (!(scale > 0)) return { features, base: 0, scale: 0, mean: 0 }
    if (features.length === 0) return { features, base, scale, mean: base }
    let at = 0
    const add = (difference: number) => {
      features[at++] = Number.isNaN(difference) ? 0 : Math.max(-clip, Math.min(clip, difference / scale))
    }
    for (let i = 0; i < rates.length; i++) if (i !== reference) add(this.#levels[i]! - base)
    features[at++] = 0.05
    for (const season of seasons) {
      const then = this.#series.around(step - season, smoothing)
      add(((this.#series.around(step - season + this.#ahead, smoothing) - then) / (then + this.#floor)) * scale)
    }
    const change = Math.max(-clip, Math.min(clip, this.#regression.predict(features)))
    return { features, base, scale, mean: Math.max(0, base + change * scale) }
  }

  #learn(
    { features, base, scale, mean }: { features: Float64Array; base: number; scale: number; mean: number },
    value: number,
  ) {
    if (scale === 0) return undefined
    const spread = this.#spread(mean)
    const limit = this.#squares < memory / 4 ? scale : outlier * spread
    const off = Math.max(-limit, Math.min(limit, value - mean))
    this.#regression.learn(
      features,
      Math.max(-limit, Math.min(limit, value - base - this.#regression.predict(features) * scale)) / scale,
    )
    this.#square = this.#square * (1 - 1 / memory) + (off * off) / Math.max(mean + this.#floor, Number.MIN_VALUE)
    this.#squares = this.#squares * (1 - 1 / memory) + 1
    return spread > 0 ? (value - mean) / spread : 0
  }

  /** Errors grow with the root of the level, as counts' do; the factor follows the last two hours. */
  #spread(mean: number): number {
    return this.#squares === 0 ? 0 : Math.sqrt((this.#square / this.#squares) * (mean + this.#floor))
  }
}

import { Regression } from './regression.ts'
import { Series } from './series.ts'
import { moments, slopeOf } from './slope.ts'
import { Noise, Spread } from './spread.ts'

/** What a prediction is made of. */
export interface Shape {
  /** How fast each level follows the series, per step: 1 is the last value, 0.015 about the last hour. */
  readonly rates: readonly number[]
  /** Which of them is the level that the others are seen against. */
  readonly reference: number
  /** Steps through which lines are drawn, whose slope may go on. */
  readonly slopes: readonly number[]
  /** Steps of a season, whose last occurrence may tell what comes. */
  readonly seasons: readonly number[]
}

/** The last value stays: hard to beat over a few minutes. */
export const persistence: Shape = { rates: [1], reference: 0, slopes: [], seasons: [] }

/** Level and trend at five time scales, and the slopes of the last minutes. */
export const trend: Shape = { rates: [1, 0.4, 0.15, 0.05, 0.015], reference: 1, slopes: [4, 8], seasons: [] }

/** Times that levels may differ before the rest is taken for an outlier. */
const clip = 1

/** Errors further out than so many spreads count as that many: one burst or drop-out shall not undo what was learned. */
const outlier = 4

/** Errors to learn from before a prediction is made. */
const enough = 30

/** A slope counts by what it is steeper than so many standard errors: noise has slopes too, and they do not go on. */
const significant = 1

/** How firmly a new predictor expects that slopes go on: the variance of that weight, where others have 1. */
const firmness = 0.3

/** Steps that the long mean looks back on. */
const longMemory = 1_440

/** Steps to either side over which yesterday is smoothed. */
const smoothing = 2

export interface Prediction {
  readonly mean: number
  /** The recent root mean square of errors at this level. */
  readonly spread: number
}

/** A prediction that waits for its value. */
interface Pending {
  readonly features: Float64Array
  /** The level, and what differences are seen against. */
  readonly base: number
  readonly scale: number
  readonly mean: number
  /** How far a slope beyond noise leads. */
  readonly lead: number
}

/**
 * The series `ahead` steps ahead, learned by regression from its own past: how levels at several time scales differ, where a slope that is
 * no noise leads, and what the same time of seasons before became. Relative to the level, so that a series in other units is forecast alike. Never fitted to anything but what it observed.
 */
export class Predictor {
  readonly #ahead: number
  readonly #shape: Shape
  readonly #series: Series
  readonly #levels: Float64Array
  readonly #regression: Regression
  readonly #pending: Pending[] = []
  readonly #spread = new Spread()
  readonly #noise = new Noise()
  #started = false
  #slow = 0
  #slowWeight = 0

  constructor(ahead: number, shape: Shape) {
    const { rates, slopes, seasons } = shape
    this.#ahead = ahead
    this.#shape = shape
    this.#levels = new Float64Array(rates.length)
    this.#series = new Series(Math.max(ahead, ...slopes, ...seasons) + smoothing + 2)
    // The differences from the reference, a constant where there are any, slopes up and down, seasons.
    const differences = rates.length > 1 ? rates.length : 0
    const size = differences === 0 ? 0 : differences + 2 * slopes.length + seasons.length
    this.#regression = new Regression(size, (i) =>
      i >= differences && i < differences + 2 * slopes.length
        ? { weight: 1 / slopes.length, variance: firmness }
        : { weight: 0, variance: 1 },
    )
  }

  /** One step; NaN is a gap: nothing is learned from it. Returns the standardised error of the forecast made for it, if there was one. */
  observe(value: number): number | undefined {
    const step = this.#series.length
    this.#series.push(value)
    const slot = step % this.#ahead
    const due = this.#pending[slot]
    const error = due === undefined || Number.isNaN(value) ? undefined : this.#learn(due, value)
    if (!Number.isNaN(value)) this.#follow(value)
    if (this.#shape.slopes.length > 0) this.#noise.observe(value, this.#levels[this.#shape.reference]! + this.#floor)
    this.#pending[slot] = this.#predict(step)
    return error
  }

  /** What the last step foretells. */
  get prediction(): Prediction | undefined {
    const made = this.#pending[(this.#series.length - 1) % this.#ahead]
    if (made === undefined || this.#spread.weight < enough) return undefined
    return { mean: made.mean, spread: this.#spreadOf(made) }
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

  #predict(step: number): Pending {
    const { rates, reference, slopes, seasons } = this.#shape
    const features = new Float64Array(this.#regression.weights.length)
    const base = this.#levels[reference]!
    const scale = base + this.#floor
    if (!(scale > 0)) return { features, base: 0, scale: 0, mean: 0, lead: 0 }
    if (features.length === 0) return { features, base, scale, mean: base, lead: 0 }
    let at = 0
    const add = (difference: number) => {
      features[at++] = Number.isNaN(difference) ? 0 : Math.max(-clip, Math.min(clip, difference / scale))
    }
    for (let i = 0; i < rates.length; i++) if (i !== reference) add(this.#levels[i]! - base)
    features[at++] = 0.05
    let [lead, steepest] = [0, 0]
    for (const length of slopes) {
      const line = slopeOf(this.#series, step, length)
      const noise = Math.sqrt((this.#noise.at(scale) * scale) / moments(length))
      const steep = line && noise > 0 ? Math.abs(line.rise) / noise : 0
      const counts = steep > significant ? 1 - significant / steep : 0
      const change = line ? (line.rise * this.#ahead + line.end - base) * counts : 0
      add(line && line.rise > 0 ? change : 0)
      add(line && line.rise < 0 ? change : 0)
      if (line && steep > steepest) [lead, steepest] = [line.rise * this.#ahead * counts, steep]
    }
    for (const season of seasons) {
      const then = this.#series.around(step - season, smoothing)
      add(((this.#series.around(step - season + this.#ahead, smoothing) - then) / (then + this.#floor)) * scale)
    }
    const change = Math.max(-clip, Math.min(clip, this.#regression.predict(features)))
    return { features, base, scale, mean: Math.max(0, base + change * scale), lead }
  }

  #learn(due: Pending, value: number): number | undefined {
    const { features, base, scale, mean, lead } = due
    if (scale === 0) return undefined
    const spread = this.#spreadOf(due)
    const limit = this.#spread.weight < enough ? scale : outlier * spread
    const limited = (off: number) => Math.max(-limit, Math.min(limit, off))
    this.#regression.learn(features, limited(value - base - this.#regression.predict(features) * scale) / scale)
    this.#spread.learn(limited(value - mean), this.#level(mean), lead)
    return spread > 0 ? (value - mean) / spread : 0
  }

  #spreadOf({ mean, lead }: Pending): number {
    return this.#spread.at(this.#level(mean), lead)
  }

  #level(mean: number): number {
    return Math.max(mean + this.#floor, Number.MIN_VALUE)
  }
}

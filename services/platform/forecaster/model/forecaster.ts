import { History } from './history.ts'
import { Residuals } from './residuals.ts'

export interface ForecasterOptions {
  /** Seconds from one observation to the next. */
  readonly stepSeconds: number
  /** How far ahead: what a new pod needs to start, and the delay of the loop (window, polling, synchronisation). */
  readonly horizonSeconds: number
  /** The share of futures that the forecast shall cover: the higher, the less risk and the more pods. */
  readonly quantile: number
  /** What one pod shall carry, in the metric's unit: the policy's threshold. Without it the forecast is the quantile itself. */
  readonly target?: number
  /** By how much the autoscaler lets a pod's share exceed its target before it adds one. Default: Kubernetes's 0.1. */
  readonly tolerance?: number
}

/** What is served for the next decision. */
export interface Forecast {
  /** False: the gate is shut, and nothing may be added because of this forecast. */
  readonly active: boolean
  /** In the metric's unit: what the autoscaler shall provide for. The last value observed while the gate is shut. */
  readonly value: number
  /** Why the gate is open or shut, as one sentence. */
  readonly reason: string
}

/** Steps of a candidate's record before it may be believed. */
const enough = 60

/**
 * Forecasts one metric from its past, one observation a step: at each step the level now, or the level times what the same time of
 * yesterday became, whichever has the lower recent pinball loss; the gate is open while that is not persistence. Knows nothing but what it observed.
 */
export class Forecaster {
  readonly #horizon: number
  readonly #quantile: number
  readonly #history: History
  readonly #persistence: Residuals
  readonly #seasonal: Residuals

  constructor({ stepSeconds, horizonSeconds, quantile }: ForecasterOptions) {
    if (!(stepSeconds > 0)) throw new RangeError(`stepSeconds (${stepSeconds}) should be above 0.`)
    if (!(horizonSeconds > 0)) throw new RangeError(`horizonSeconds (${horizonSeconds}) should be above 0.`)
    if (!(quantile > 0 && quantile < 1)) throw new RangeError(`quantile (${quantile}) should be between 0 and 1.`)
    const day = Math.round(86_400 / stepSeconds)
    this.#horizon = Math.ceil(horizonSeconds / stepSeconds)
    this.#quantile = quantile
    this.#history = new History(day + this.#horizon + 2)
    this.#persistence = new Residuals(quantile)
    this.#seasonal = new Residuals(quantile)
  }

  /** The next step's value; undefined or no number: a gap. Below zero counts as zero. */
  observe(value: number | undefined): void {
    this.#history.push(value !== undefined && Number.isFinite(value) ? Math.max(0, value) : undefined)
    const seen = this.#history.at(0)
    const then = this.#history.at(this.#horizon)
    if (seen === undefined || then === undefined) return
    this.#persistence.learn(then, seen)
    const ratio = this.#ratio(this.#horizon)
    if (ratio !== undefined) this.#seasonal.learn(then * ratio, seen)
  }

  /** What to provide for at now + horizon, as far as the observations until now say. */
  forecast(): Forecast {
    const now = this.#history.at(0)
    if (now === undefined) return { active: false, value: 0, reason: 'The last step has no value.' }
    const ratio = this.#ratio(0)
    if (ratio === undefined || this.#seasonal.count < enough)
      return { active: false, value: now, reason: 'There is not enough history yet.' }
    if (this.#seasonal.loss >= this.#persistence.loss)
      return { active: false, value: now, reason: 'Yesterday did not foretell more than the level now.' }
    return {
      active: true,
      value: this.#seasonal.cover(now * ratio, this.#quantile),
      reason: 'Yesterday foretold more than the level now.',
    }
  }

  /** What became of the level within the horizon, a day before the step `ago` steps back. */
  #ratio(ago: number): number | undefined {
    const day = this.#history.capacity - this.#horizon - 2
    const before = this.#history.at(day + ago)
    const after = this.#history.at(day + ago - this.#horizon)
    return before === undefined || after === undefined || before === 0 ? undefined : after / before
  }
}

import { objectives } from '../../../../policies/objectives.ts'
import { Candidate } from './candidate.ts'
import { Gate, type GateState, type Verdict } from './gate.ts'
import { checked, type ForecasterOptions } from './options.ts'
import { persistence, trend } from './predictor.ts'
import { replicasFor } from './shadow.ts'

export type { ForecasterOptions } from './options.ts'

/** What is served for the next decision. */
export interface Forecast {
  /** False: the gate is shut, and nothing may be added because of this forecast. */
  readonly active: boolean
  /**
   * In the metric's unit: what the autoscaler shall provide for. With a target, as much as keeps exactly the replicas that carry the quantile. The last
   * value observed while the gate is shut.
   */
  readonly value: number
  /** Where the gate stands, in a word, and why, as one sentence. */
  readonly gate: GateState
  readonly reason: string
  /** The forecast itself at the horizon, in the metric's unit; undefined without enough history. */
  readonly mean?: number
  /** The quantile that is provided for, and what stays below it at the horizon; undefined while the gate is shut. */
  readonly quantile?: number
  readonly covered?: number
  /** Mean pinball loss of the last day at the policy's quantile, in the metric's unit: the best candidate's, and persistence's. */
  readonly loss: { readonly best: number; readonly persistence: number; readonly candidate: string }
}

/** Risks, the shares of futures that are not covered, down to which a budget of pods may press the policy's: multiples of it, at most a half. */
const risks = [50, 40, 30, 20, 15, 10, 8, 6, 4, 3, 2, 1.5, 1]

/** Steps judged before a forecast may be served. */
const enough = 60

/** A forecast this much worse than the last value, by pinball loss, is not worth judging by what it prevents: ramps are rare, and a quiet night says little of them. */
const worse = 1.5

/** Steps that the spread of errors against the load looks back on. */
const spreadMemory = 720

const daySeconds = 86_400

/**
 * Forecasts one metric from its past, one observation a step. Candidates (the last value; level and trend; both with day and week) are chosen by their recent pinball
 * loss. A gate serves a forecast only while it is sharp, better than the last value, and prevents overload at few pods. Cost and memory per step are constant, and it knows
 * nothing but what it observed.
 */
export class Forecaster {
  readonly #options: ForecasterOptions
  readonly #limits: NonNullable<ForecasterOptions['limits']>
  readonly #quantiles: readonly number[]
  readonly #candidates: readonly Candidate[]
  readonly #persistence: Candidate
  readonly #gate: Gate | undefined
  #last = Number.NaN
  #verdict: Verdict | undefined
  #load = 0
  #spread = 0
  #sharp = true

  /** Throws RangeError for options that make no sense. */
  constructor(options: ForecasterOptions) {
    this.#options = checked(options)
    const { stepSeconds, horizonSeconds, quantile, target } = options
    const { min = 1, max = 100, tolerance = 0.1, stabilisationSeconds = 300 } = options
    this.#limits = options.limits ?? objectives.scaling.prediction
    const ahead = Math.ceil(horizonSeconds / stepSeconds)
    const day = Math.round(daySeconds / stepSeconds)
    const seasonal = { ...trend, seasons: [day, 7 * day] }
    this.#persistence = new Candidate('persistence', ahead, persistence, quantile)
    this.#candidates = [
      new Candidate('trend', ahead, trend, quantile),
      new Candidate('trend and season', ahead, seasonal, quantile),
    ]
    const levels = risks.map((risk) => Math.min(0.5, (1 - quantile) * risk))
    this.#quantiles = levels.map((risk) => 1 - risk)
    if (target === undefined) return
    // A forecast is of use for a step, and what it asked for stays for the stabilisation after it.
    const stabilisation = 1 + Math.round(stabilisationSeconds / stepSeconds)
    const shadow = { target, tolerance, min, max, startup: ahead, stabilisation }
    this.#gate = new Gate(levels, shadow, day, this.#limits)
  }

  /** The next step's value; undefined or no number: a gap. Below zero counts as zero. */
  observe(value: number | undefined): void {
    this.#last = value !== undefined && Number.isFinite(value) ? Math.max(0, value) : Number.NaN
    this.#persistence.observe(this.#last)
    for (const candidate of this.#candidates) candidate.observe(this.#last)
    const best = this.#best
    const prediction = best.prediction
    if (prediction) {
      this.#load = this.#load * (1 - 1 / spreadMemory) + prediction.mean
      this.#spread = this.#spread * (1 - 1 / spreadMemory) + prediction.spread
      const limit = this.#limits.spread * (this.#sharp ? 1.1 : 0.9)
      this.#sharp = this.#spread <= limit * this.#load
    }
    if (!this.#gate || Number.isNaN(this.#last)) return
    const wanted = this.#quantiles.map((quantile) => this.#replicas(best.at(quantile) ?? 0))
    this.#verdict = this.#gate.observe(this.#last, wanted, this.#shut() === undefined)
  }

  /** What to provide for at the horizon, as far as the observations until now say. */
  forecast(): Forecast {
    const best = this.#best
    const loss = { best: best.loss, persistence: this.#persistence.loss, candidate: best.name }
    const shut = this.#shut()
    const level = this.#verdict?.level
    if (shut !== undefined || (this.#gate && level === undefined)) {
      const value = Number.isNaN(this.#last) ? 0 : this.#last
      const mean = best.prediction?.mean
      return {
        active: false,
        value,
        gate: shut?.state ?? this.#verdict?.state ?? 'young',
        reason: shut?.reason ?? this.#verdict?.reason ?? '',
        loss,
        ...(mean !== undefined && { mean }),
      }
    }
    const quantile = this.#quantiles[level ?? risks.length - 1]!
    const covered = best.at(quantile) ?? 0
    const { target } = this.#options
    return {
      active: true,
      gate: 'open',
      value: target === undefined ? covered : this.#replicas(covered) * target,
      reason: this.#verdict?.reason ?? `${best.name} foretold more than the last value did.`,
      mean: best.prediction?.mean ?? 0,
      quantile,
      covered,
      loss,
    }
  }

  get #best(): Candidate {
    return this.#candidates.reduce((best, next) => (next.loss < best.loss ? next : best))
  }

  #replicas(value: number): number {
    const { target = 1, tolerance = 0.1, max = 100 } = this.#options
    return Math.min(max, replicasFor(value, target, tolerance))
  }

  /** Why nothing may be served whatever it would prevent. */
  #shut(): { readonly state: GateState; readonly reason: string } | undefined {
    const best = this.#best
    if (Number.isNaN(this.#last)) return { state: 'silent', reason: 'The last step has no value.' }
    if (best.judged < enough || best.prediction === undefined)
      return { state: 'young', reason: 'There is not enough history yet.' }
    if (!this.#sharp) {
      const share = (this.#spread / this.#load) * 100
      const spread = `Its errors spread over ${share.toFixed(0)} % of the load`
      return { state: 'wide', reason: `${spread}: covering them would cost more pods than it is worth.` }
    }
    if (best.loss > worse * this.#persistence.loss)
      return { state: 'no better', reason: 'The last value foretold more than it did.' }
    return undefined
  }
}

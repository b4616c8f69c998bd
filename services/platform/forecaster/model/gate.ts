import { Ledger } from './ledger.ts'
import { Shadow, type ShadowOptions } from './shadow.ts'

/** What a forecast has to be worth, and may cost. Shares of the pods that the autoscaler has without it. */
export interface GateLimits {
  /** More pods at most while it prevents much of the overload. */
  readonly budget: number
  /** More pods at most while it does not. */
  readonly trial: number
  /** From which share of overloaded steps prevented the budget holds. */
  readonly proven: number
  /** Below which share of overloaded steps prevented nothing is added. */
  readonly useful: number
  /** The share of overloaded steps prevented that is enough: no higher quantile is paid for. */
  readonly aim: number
}

/** A judgement has to be passed by this much before it changes: no flapping. */
const hysteresis = 0.1

/** What a new forecaster is taken to have behind it: overloaded steps, how many of them prevented, and days with the fewest pods. */
const prior = { overloaded: 8, prevented: 6, days: 1 }

/** The share of pods that a level is taken to have added in those days, for each halving of its risk: what noisy load costs. */
const priorCost = 0.01

/** Days with the fewest pods whose budget a new forecaster may spend before it has them behind it: the first ramp may come on the first day. */
const advance = 5

/** What was spent too much or too little is made up for within so many days with the fewest pods, or within this share of what is behind. */
const evening = { days: 3, share: 0.5 }

/** Days that the judgement looks back on. */
const memory = 28

/**
 * Where the gate of a forecast stands, in a word. Shut: `silent`: the last step has no value. `young`: too little history. `wide`: its errors spread
 * too far. `no better`: the last value foretells more. `useless`: it prevents too little. `costly`: it has added too many pods.
 */
export const gateStates = ['open', 'silent', 'young', 'wide', 'no better', 'useless', 'costly'] as const
export type GateState = (typeof gateStates)[number]

export interface Verdict {
  /** Index of the quantile that may be served; undefined: none. */
  readonly level: number | undefined
  readonly state: GateState
  readonly reason: string
  /** Of the overloaded steps without a forecast, the share that the highest affordable level would have prevented. */
  readonly prevented: number
  /** The pods that what was served has added, as a share. */
  readonly extra: number
}

/**
 * Judges what forecasts at several quantiles would have prevented and cost, by autoscalers that are not there: one without a forecast, one for each
 * quantile, one for what was really served. Served is the lowest quantile that prevents enough, else the highest within the budget.
 */
export class Gate {
  readonly #limits: GateLimits
  readonly #ledger: Ledger
  readonly #reactive: Shadow
  readonly #levels: readonly Shadow[]
  readonly #served: Shadow
  /** The share of pods that each level is taken to have added before anything was seen. */
  readonly #priorCosts: readonly number[]
  /** The fewest pods for a day. */
  readonly #day: number
  #proven = true
  #useful = true

  /** `risks`: of each level, the share of futures that it does not cover, descending. `day`: steps. */
  constructor(risks: readonly number[], shadow: ShadowOptions, day: number, limits: GateLimits) {
    this.#limits = limits
    this.#ledger = new Ledger(risks.length + 2, 1 - 1 / (memory * day))
    this.#reactive = new Shadow(shadow)
    this.#levels = risks.map(() => new Shadow(shadow))
    this.#served = new Shadow(shadow)
    this.#priorCosts = risks.map((risk) => priorCost * Math.log2(1 / risk))
    this.#day = day * shadow.min
  }

  /** One step: the load in it, and the replicas that each quantile asks for now. `open` false: whatever the verdict, nothing is served. */
  observe(load: number, wanted: readonly number[], open: boolean): Verdict {
    this.#ledger.add(0, this.#reactive.observe(load, 0))
    for (const [i, shadow] of this.#levels.entries()) this.#ledger.add(i + 1, shadow.observe(load, wanted[i] ?? 0))
    const verdict = this.#judge()
    const asked = open && verdict.level !== undefined ? wanted[verdict.level]! : 0
    this.#ledger.add(this.#levels.length + 1, this.#served.observe(load, asked))
    return verdict
  }

  #judge(): Verdict {
    const { budget, trial, proven, useful } = this.#limits
    const base = this.#ledger.accounts[0]!.pods
    const full = this.#prevented(this.#highest(budget))
    this.#proven = full >= proven * (1 + (this.#proven ? -hysteresis : hysteresis))
    const share = this.#proven ? budget : trial
    const spent = this.#extra(this.#levels.length)
    const extra = spent / Math.max(base, advance * this.#day)
    // What may be spent from now on, as a share, so that all in all the share is kept when what is too much or too little is made up for.
    const coming = Math.max(evening.days * this.#day, evening.share * base)
    const affordable = this.#highest((share * (base + coming) - spent) / coming)
    const prevented = this.#prevented(this.#highest(share) ?? affordable)
    this.#useful = prevented >= useful * (1 + (this.#useful ? -2 : 2) * hysteresis)
    const facts = { prevented, extra }
    if (extra > share)
      return {
        level: undefined,
        state: 'costly',
        reason: `It has added ${percent(extra)} of the pods, and may add ${percent(share)}.`,
        ...facts,
      }
    if (affordable === undefined)
      return {
        level: undefined,
        state: 'costly',
        reason: `Even the lowest of its quantiles would add more pods than it has left of the ${percent(share)} that it may add.`,
        ...facts,
      }
    if (!this.#useful)
      return {
        level: undefined,
        state: 'useless',
        reason: `It would have prevented ${percent(prevented)} of the overload only.`,
        ...facts,
      }
    return {
      level: this.#enough(affordable),
      state: 'open',
      reason: `It would have prevented ${percent(prevented)} of the overload, and has added ${percent(extra)} of the pods.`,
      ...facts,
    }
  }

  /** The highest level that adds no more than that share of pods. */
  #highest(share: number): number | undefined {
    const before = prior.days * this.#day
    const base = this.#ledger.accounts[0]!.pods + before
    for (let i = this.#levels.length - 1; i >= 0; i--)
      if (this.#extra(i) + before * this.#priorCosts[i]! <= share * base) return i
    return undefined
  }

  /** The lowest level that would have prevented enough, at most `highest`. */
  #enough(highest: number): number {
    for (let i = 0; i < highest; i++) if (this.#prevented(i) >= this.#limits.aim) return i
    return highest
  }

  /** Pods that a level has added; the last account is what was served. */
  #extra(level: number): number {
    return this.#ledger.accounts[level + 1]!.pods - this.#ledger.accounts[0]!.pods
  }

  #prevented(level: number | undefined): number {
    if (level === undefined) return 0
    const { accounts } = this.#ledger
    const without = accounts[0]!.overloaded
    return (without - accounts[level + 1]!.overloaded + prior.prevented) / (without + prior.overloaded)
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

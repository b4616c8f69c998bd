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
}

/** A judgement has to be passed by this much before it changes: no flapping. */
const hysteresis = 0.1

/** Overloaded steps, and how many of them prevented, that a new forecaster is taken to have behind it. */
const credit = { overloaded: 8, prevented: 6 }

/** Steps with the fewest pods that a new forecaster is taken to have behind it. */
const creditSteps = 2_880

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
  /** Of the overloaded steps without a forecast, the share that the level would have prevented. */
  readonly prevented: number
  /** The pods that what was served has added, as a share. */
  readonly extra: number
}

/**
 * Judges what forecasts at several quantiles would have prevented and cost, by autoscalers that are not there: one without a forecast, one for each
 * quantile, one for what was really served. The highest quantile within the budget is served.
 */
export class Gate {
  readonly #limits: GateLimits
  readonly #ledger: Ledger
  readonly #reactive: Shadow
  readonly #levels: readonly Shadow[]
  readonly #served: Shadow
  readonly #credit: number
  #proven = true
  #useful = true

  constructor(levels: number, shadow: ShadowOptions, keep: number, limits: GateLimits) {
    this.#limits = limits
    this.#ledger = new Ledger(levels + 2, keep)
    this.#reactive = new Shadow(shadow)
    this.#levels = Array.from({ length: levels }, () => new Shadow(shadow))
    this.#served = new Shadow(shadow)
    this.#credit = creditSteps * shadow.min
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
    const base = this.#ledger.accounts[0]!.pods + this.#credit
    const full = this.#within(budget * base)
    this.#proven = this.#prevented(full) >= proven * (1 + (this.#proven ? -hysteresis : hysteresis))
    const share = this.#proven ? budget : trial
    const level = this.#proven ? full : this.#within(trial * base)
    const prevented = this.#prevented(level)
    this.#useful = prevented >= useful * (1 + (this.#useful ? -2 : 2) * hysteresis)
    const extra = this.#extra(this.#levels.length + 1) / base
    const facts = { prevented, extra }
    if (level === undefined)
      return {
        level,
        state: 'costly',
        reason: `Even the lowest of its quantiles would have added more than ${percent(share)} of the pods.`,
        ...facts,
      }
    if (!this.#useful)
      return {
        level: undefined,
        state: 'useless',
        reason: `It would have prevented ${percent(prevented)} of the overload only.`,
        ...facts,
      }
    if (extra > share)
      return {
        level: undefined,
        state: 'costly',
        reason: `It has added ${percent(extra)} of the pods, and may add ${percent(share)}.`,
        ...facts,
      }
    return {
      level,
      state: 'open',
      reason: `It would have prevented ${percent(prevented)} of the overload, and has added ${percent(extra)} of the pods.`,
      ...facts,
    }
  }

  /** The highest quantile that would have cost no more pods than that. */
  #within(pods: number): number | undefined {
    for (let i = this.#levels.length - 1; i >= 0; i--) if (this.#extra(i + 1) <= pods) return i
    return undefined
  }

  #extra(account: number): number {
    return this.#ledger.accounts[account]!.pods - this.#ledger.accounts[0]!.pods
  }

  #prevented(level: number | undefined): number {
    if (level === undefined) return 0
    const { accounts } = this.#ledger
    const without = accounts[0]!.overloaded
    return (without - accounts[level + 1]!.overloaded + credit.prevented) / (without + credit.overloaded)
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

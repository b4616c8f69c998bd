// Not the global one: that is looked up anew by a getter each time, which here is twice for an event.
import { performance } from 'node:perf_hooks'
import type { Log } from '../../common/log/log.ts'
import type { Pack } from './pack.ts'
import { compile, type RuleSet } from './sigma/index.ts'

/** A rule that was taken out while it ran, and why. */
export interface Isolated {
  readonly rule: string
  readonly title: string
  readonly reason: string
  /** When, milliseconds since the epoch. */
  readonly at: number
}

export interface CostOptions {
  /** A rule may take so long for one event, milliseconds. */
  readonly slowMs: number
  /** So often a rule may take longer before it is taken out. */
  readonly strikes: number
  readonly log: Log
  readonly isolated: () => void
  /** Milliseconds that only grow. */
  readonly now?: () => number
}

type Event = Readonly<Record<string, unknown>>

/** An event whose rules together take so many times longer than one may is looked into. */
const suspicious = 2
/** Looking into an event costs about as much as the event did, rule by rule: not more often than this. */
const lookEveryMs = 250

/**
 * Matches events and minds what it costs. All rules are matched at once; when that takes too long, or throws, each rule is asked alone, and the one
 * that is slow too often, or broken, is taken out until the rules are loaded again.
 */
export class CostWatch {
  readonly #options: CostOptions
  readonly #now: () => number
  readonly #again: number[] = []
  readonly #strikes = new Map<number, number>()
  readonly #alone = new Map<number, RuleSet>()
  readonly #isolated = new Map<number, Isolated>()
  #pack: Pack | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: CostOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Rules that are out now. */
  get isolated(): readonly Isolated[] {
    return [...this.#isolated.values()]
  }

  /** Appends the indexes of the rules that match; never throws. */
  match(pack: Pack, event: Event, hits: number[]): void {
    if (pack !== this.#pack) this.#begin(pack)
    const most = suspicious * this.#options.slowMs
    const started = this.#now()
    try {
      pack.ruleSet.match(event, hits)
      const ended = this.#now()
      if (ended - started < most || ended - this.#lookedAt < lookEveryMs) return
      // A pause of the whole process is nobody's fault, and where cores are short they are many: all rules alone cost as much as hundreds of events.
      this.#again.length = 0
      pack.ruleSet.match(event, this.#again)
      if (this.#now() - ended < most) return
      this.#lookedAt = ended
      this.#look(pack, event)
    } catch {
      hits.length = 0
      // Whatever broke is out after this, so the rest can be asked again.
      this.#look(pack, event, hits)
    }
  }

  #begin(pack: Pack): void {
    for (const rule of this.#isolated.keys()) pack.ruleSet.setEnabled(rule, true)
    this.#pack = pack
    this.#strikes.clear()
    this.#alone.clear()
    this.#isolated.clear()
  }

  /** Asks each rule alone. With `hits`, also for its answer. */
  #look(pack: Pack, event: Event, hits?: number[]): void {
    const { slowMs, strikes } = this.#options
    const found: number[] = []
    for (const index of pack.ruleSet.rules.keys()) {
      if (this.#isolated.has(index)) continue
      let took = Number.POSITIVE_INFINITY
      try {
        const alone = this.#of(pack, index)
        // The better of two: a pause of the whole process is nobody's fault.
        for (let turn = 0; turn < 2 && took >= slowMs; turn++) {
          found.length = 0
          const started = this.#now()
          alone.match(event, found)
          took = Math.min(took, this.#now() - started)
        }
      } catch (error) {
        this.#isolate(pack, index, `It cannot be evaluated: ${(error as Error).message}`)
        continue
      }
      if (found.length > 0) hits?.push(index)
      if (took < slowMs) continue
      const count = (this.#strikes.get(index) ?? 0) + 1
      this.#strikes.set(index, count)
      if (count >= strikes)
        this.#isolate(
          pack,
          index,
          `It took ${took.toFixed(1)} ms for one event, and more than ${slowMs} ms ${count} times.`,
        )
    }
  }

  #of(pack: Pack, index: number): RuleSet {
    const known = this.#alone.get(index) ?? compile([pack.ruleSet.rules[index]!], { mapping: pack.ruleSet.mapping })
    this.#alone.set(index, known)
    return known
  }

  #isolate(pack: Pack, index: number, reason: string): void {
    const { id, title } = pack.ruleSet.rules[index]!
    pack.ruleSet.setEnabled(index, false)
    this.#isolated.set(index, { rule: id, title, reason, at: Date.now() })
    this.#options.isolated()
    this.#options.log.error('A rule was taken out; it comes back when the rules are loaded again.', {
      rule: id,
      reason,
    })
  }
}

import {
  type CorrelationRule,
  Correlator,
  parseCorrelations,
} from '../../services/siem/correlation-engine/correlation/index.ts'
import {
  any,
  compile,
  type LoadedRules,
  type Mapping,
  type RuleProblem,
  type RuleSet,
  windows,
} from '../../services/siem/correlation-engine/sigma/index.ts'
import type { Event } from './event-files.ts'
import { eventTime } from './event-time.ts'

export const mappings: Readonly<Record<string, Mapping>> = { windows, any }

/** One line of the output. */
export type Finding =
  | { readonly rule: string; readonly title: string; readonly event: number }
  | { readonly rule: string; readonly group: Readonly<Record<string, unknown>>; readonly events: readonly number[] }

/** A match of a rule that correlations ask for: what they ask of its event. */
interface Kept {
  readonly rule: number
  readonly time: number
  readonly event: number
  readonly values: Readonly<Record<string, unknown>>
}

const inside = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)

/** A Windows event: the nested form, or the flat one with its channel and number. */
const isWindows = (event: Event): boolean =>
  inside(event.Event, 'System') || (Object.hasOwn(event, 'Channel') && Object.hasOwn(event, 'EventID'))

/**
 * Holds events to rules. Correlations are settled at the end, in order of time, so that the order of files does not matter; until then
 * only what they ask for is kept.
 */
export class Findings {
  readonly problems: readonly RuleProblem[]
  readonly rules: number
  /** Events, and among those that correlations would have needed, the ones without a time. */
  events = 0
  timeless = 0
  readonly #windows: RuleSet
  readonly #any: RuleSet
  readonly #correlations: readonly CorrelationRule[]
  readonly #silenced: ReadonlySet<number>
  /** By rule: the fields that correlations read of its events. */
  readonly #asked = new Map<number, readonly string[]>()
  readonly #kept: Kept[] = []
  readonly #timeField: string | undefined
  readonly #hits: number[] = []
  /** Time of the newest event, matched or not; read where a correlation asks what did not happen. */
  #newest: number | undefined
  readonly #asksAbsence: boolean

  /** @param mapping reads all events by it; without it Windows events are read by `windows`, others by `any` */
  constructor(loaded: LoadedRules, options: { readonly mapping?: Mapping; readonly timeField?: string } = {}) {
    const { rules } = loaded
    this.#windows = compile(rules, { mapping: options.mapping ?? windows })
    this.#any = options.mapping ? this.#windows : compile(rules, { mapping: any })
    this.#timeField = options.timeField
    const { correlations, problems, silenced } = parseCorrelations(loaded.correlations, rules, Number.POSITIVE_INFINITY)
    this.#correlations = correlations
    this.#asksAbsence = correlations.some(({ condition }) => condition.kind === 'absences')
    this.#silenced = silenced
    this.problems = [...loaded.problems, ...problems]
    this.rules = rules.length + correlations.length
    for (const { inputs } of correlations)
      for (const { from, group, value, carry } of inputs)
        if (from.kind === 'rule')
          this.#asked.set(from.index, [
            ...new Set([...(this.#asked.get(from.index) ?? []), ...group, ...value, ...carry]),
          ])
  }

  /** What rules find in the next event; its index is the number of those before. */
  take(event: Event): Finding[] {
    const index = this.events++
    if (this.#asksAbsence) {
      const time = eventTime(event, this.#timeField)
      if (time !== undefined) this.#newest = Math.max(time, this.#newest ?? time)
    }
    const set = isWindows(event) ? this.#windows : this.#any
    this.#hits.length = 0
    set.match(event, this.#hits)
    const found: Finding[] = []
    for (const hit of this.#hits) {
      const { id, title } = set.rules[hit] as (typeof set.rules)[number]
      if (!this.#silenced.has(hit)) found.push({ rule: id, title, event: index })
      const asked = this.#asked.get(hit)
      if (!asked) continue
      const time = eventTime(event, this.#timeField)
      if (time === undefined) this.timeless++
      else {
        const values = Object.fromEntries(asked.map((name) => [name, set.field(event, name)]))
        this.#kept.push({ rule: hit, time, event: index, values })
      }
    }
    return found
  }

  /** What correlations find in all events. */
  correlations(): Finding[] {
    const most = Number.POSITIVE_INFINITY
    const correlator = new Correlator(this.#correlations, {
      limits: { groups: most, eventsPerGroup: most, eventsPerTenant: most, evidence: most, chained: 1_000 },
      lateness: 0,
      step: 1,
      idle: most,
      eager: false,
    })
    this.#kept.sort((a, b) => a.time - b.time || a.event - b.event)
    const found = this.#kept.flatMap(({ rule, time, event, values }) =>
      correlator.observe({ rule, tenant: '', time, ref: String(event), field: (name) => values[name] }),
    )
    return [...found, ...correlator.finish(this.#newest)].map(({ rule, group, events }) => ({
      rule: rule.id,
      group,
      events: events.map(Number).sort((a, b) => a - b),
    }))
  }
}

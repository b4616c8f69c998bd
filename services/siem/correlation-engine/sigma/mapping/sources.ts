import { fold } from '../pattern.ts'
import type { DetectionRule, LogSource } from '../rule.ts'
import type { SigmaEvent } from './fields.ts'
import type { Mapping, SourceEvent } from './mapping.ts'

const attributes = ['category', 'product', 'service'] as const satisfies readonly (keyof LogSource)[]

/** What is known of an event's log source: for each attribute the values that it is of, and the events of the mapping that it is. */
export interface EventSource {
  readonly of: Readonly<Record<keyof LogSource, ReadonlySet<string>>>
  readonly events: readonly { readonly logsource: LogSource; readonly event: SourceEvent }[]
}

/** Reads a field of an event by its name in rules. */
export type ReadField = (event: SigmaEvent, name: string) => unknown

/** Finds the log sources of events by a mapping, and which rules meet which. */
export class SourceTable {
  /** The fields on which an event's log source depends. */
  readonly fields: readonly string[]
  readonly #mapping: Mapping
  readonly #known: ReadonlyMap<string, ReadonlySet<string>>
  readonly #covered: Readonly<Record<keyof LogSource, ReadonlySet<string>>>

  /** @param rules the rules, of whose log sources alone a declared one can matter */
  constructor(mapping: Mapping, rules: readonly DetectionRule[]) {
    this.#mapping = mapping
    const known = new Map<string, Set<string>>()
    const add = (field: string, value: string): void => {
      known.set(field, (known.get(field) ?? new Set()).add(value))
    }
    for (const { events } of mapping.sources)
      for (const { when } of events)
        for (const [field, values] of Object.entries(when)) for (const value of values) add(field, fold(String(value)))
    for (const attribute of attributes) {
      const field = mapping.declared?.[attribute]
      if (field === undefined) continue
      for (const { logsource } of rules) if (logsource[attribute] !== undefined) add(field, fold(logsource[attribute]))
    }
    this.#known = known
    this.fields = [...known.keys()]
    const covered = (attribute: keyof LogSource): ReadonlySet<string> =>
      new Set(mapping.sources.flatMap(({ logsource }) => logsource[attribute] ?? []))
    this.#covered = { category: covered('category'), product: covered('product'), service: covered('service') }
  }

  /** The value of one of `fields` as far as it matters: folded, `*` for a value that nothing names, empty for none. */
  canonical(field: string, value: unknown): string {
    if (typeof value !== 'string' && typeof value !== 'number') return ''
    if (value === '') return ''
    const text = fold(String(value))
    return this.#known.get(field)!.has(text) ? text : '*'
  }

  /** The log sources of events with these canonical values of `fields`. */
  sourceOf(values: ReadonlyMap<string, string>): EventSource {
    const of = { category: new Set<string>(), product: new Set<string>(), service: new Set<string>() }
    const events: { logsource: LogSource; event: SourceEvent }[] = []
    for (const { logsource, events: alternatives } of this.#mapping.sources)
      for (const event of alternatives) {
        if (!meets(event.when, values)) continue
        events.push({ logsource, event })
        for (const attribute of attributes)
          if (logsource[attribute] !== undefined) of[attribute].add(logsource[attribute])
      }
    for (const attribute of attributes) {
      const declared = values.get(this.#mapping.declared?.[attribute] ?? '')
      if (declared !== undefined && declared !== '' && declared !== '*') of[attribute].add(declared)
    }
    return { of, events }
  }

  /** Whether a rule meets events of this source. */
  meets(rule: DetectionRule, source: EventSource): boolean {
    return attributes.every((attribute) => {
      const wanted = rule.logsource[attribute]
      if (wanted === undefined || source.of[attribute].has(wanted)) return true
      return this.#mapping.unknown === 'any' && !this.#covered[attribute].has(wanted)
    })
  }

  /** The names in events of this source of a field as the rule names it, in the order in which they are looked for. */
  fieldNames(rule: DetectionRule, source: EventSource, name: string): readonly string[] {
    for (const { logsource, event } of source.events) {
      if (event.fields === undefined || !Object.hasOwn(event.fields, name)) continue
      if (
        attributes.every(
          (attribute) => logsource[attribute] === undefined || logsource[attribute] === rule.logsource[attribute],
        )
      )
        return event.fields[name]!
    }
    return [name]
  }
}

const meets = (when: SourceEvent['when'], values: ReadonlyMap<string, string>): boolean =>
  Object.entries(when).every(([field, wanted]) => {
    const value = values.get(field) ?? ''
    return value !== '' && wanted.some((one) => one === '*' || fold(String(one)) === value)
  })

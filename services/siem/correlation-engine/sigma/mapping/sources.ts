import { fold } from '../pattern.ts'
import type { DetectionRule, LogSource } from '../rule.ts'
import type { Mapping, SourceEvent } from './mapping.ts'

/** The attributes of log sources. */
export const attributes = ['category', 'product', 'service'] as const satisfies readonly (keyof LogSource)[]

/** What is known of an event's log source: for each attribute the values that it is of, and the events of the mapping that it is. */
export interface EventSource {
  readonly of: Readonly<Record<keyof LogSource, ReadonlySet<string>>>
  readonly events: readonly { readonly number: number; readonly logsource: LogSource; readonly event: SourceEvent }[]
}

/** Finds the log sources of events by a mapping, and which rules meet which. */
export class SourceTable {
  /** The fields by whose values `sources` tell events. */
  readonly fields: readonly string[]
  readonly #mapping: Mapping
  readonly #known: ReadonlyMap<string, ReadonlySet<string>>
  readonly #covered: Readonly<Record<keyof LogSource, ReadonlySet<string>>>

  constructor(mapping: Mapping) {
    this.#mapping = mapping
    const known = new Map<string, Set<string>>()
    for (const { events } of mapping.sources)
      for (const { when } of events)
        for (const [field, values] of Object.entries(when))
          known.set(field, new Set([...(known.get(field) ?? []), ...values.map((value) => fold(String(value)))]))
    this.#known = known
    this.fields = [...known.keys()]
    const covered = (attribute: keyof LogSource): ReadonlySet<string> =>
      new Set(mapping.sources.flatMap(({ logsource }) => logsource[attribute] ?? []))
    this.#covered = { category: covered('category'), product: covered('product'), service: covered('service') }
  }

  /** The values of a field that `sources` name, folded. */
  values(field: string): readonly string[] {
    return [...this.#known.get(field)!].filter((value) => value !== '*')
  }

  /** How many canonical values a field has. */
  size(field: string): number {
    return this.#known.get(field)!.size + 2
  }

  /** The value of one of `fields` as far as it matters: folded, `*` for a value that nothing names, empty for none. */
  canonical(field: string, value: unknown): string {
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return ''
    const text = fold(String(value))
    return this.#known.get(field)!.has(text) ? text : '*'
  }

  /** The log sources of events with these canonical values of `fields`; of none of them, what the event declares. */
  sourceOf(values: ReadonlyMap<string, string>, declared: () => LogSource): EventSource {
    const of = { category: new Set<string>(), product: new Set<string>(), service: new Set<string>() }
    const events: { number: number; logsource: LogSource; event: SourceEvent }[] = []
    let number = 0
    for (const { logsource, events: alternatives } of this.#mapping.sources)
      for (const event of alternatives) {
        number++
        if (!meets(event.when, values)) continue
        events.push({ number, logsource, event })
        for (const attribute of attributes)
          if (logsource[attribute] !== undefined) of[attribute].add(logsource[attribute])
      }
    const named = events.length === 0 ? declared() : {}
    for (const attribute of attributes) if (named[attribute] !== undefined) of[attribute].add(named[attribute])
    return { of, events }
  }

  /** The log source that an event declares, read by `read`. */
  declared(read: (field: string) => unknown): LogSource {
    const source: Partial<Record<keyof LogSource, string>> = {}
    for (const attribute of attributes) {
      const field = this.#mapping.declared?.[attribute]
      const value = field === undefined ? undefined : read(field)
      if (typeof value === 'string' && value !== '') source[attribute] = fold(value)
    }
    return source
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

import { eventsOf, evidenceOf } from './detection.ts'
import type { Entry } from './entry.ts'
import type { Group } from './group.ts'
import type { CorrelationInput, CorrelationRule } from './rule.ts'
import type { Taken } from './taken.ts'

/** Where matches of a rule, or occurrences of a correlation, go. */
export interface Use {
  readonly correlation: number
  readonly slot: number
  readonly input: CorrelationInput
}

/** A time at which the condition of a group holds. */
export interface Occurrence {
  readonly group: Group
  readonly time: number
}

/** Who takes what in: by detection rule, and by correlation. */
export function usesOf(rules: readonly CorrelationRule[]): {
  readonly ofRule: ReadonlyMap<number, readonly Use[]>
  readonly ofCorrelation: readonly (readonly Use[])[]
} {
  const ofRule = new Map<number, Use[]>()
  const ofCorrelation: Use[][] = rules.map(() => [])
  for (const [correlation, { inputs, type }] of rules.entries())
    for (const [position, input] of inputs.entries()) {
      const use = { correlation, slot: type.startsWith('temporal') ? position : 0, input }
      const { kind, index } = input.from
      if (kind === 'correlation') ofCorrelation[index]?.push(use)
      else ofRule.set(index, [...(ofRule.get(index) ?? []), use])
    }
  return { ofRule, ofCorrelation }
}

/** What correlations of a correlation take in where its condition holds at `time`: one event for each different set of the fields that they ask for. */
export function takenOf(group: Group, time: number, chained: number): Taken[] {
  const { rule, key, values } = group
  const entries = evidenceOf(group, time).slice(-chained)
  const evidence = eventsOf(entries, chained)
  const ref = `${rule.id}\u0000${key}\u0000${time}`
  const rows = new Map<string, Entry>()
  for (const entry of entries) rows.set(rule.carry.length > 0 ? JSON.stringify(entry.carry) : '', entry)
  return [...rows.values()].map(({ carry }) => ({
    time,
    ref,
    evidence,
    field(name: string): unknown {
      const grouped = rule.groupBy.indexOf(name)
      return grouped >= 0 ? values[grouped] : carry?.[rule.carry.indexOf(name)]
    },
  }))
}

import type { CorrelationInput, CorrelationRule } from './rule.ts'
import { type GroupValue, groupValue, joinedKey, numberOf, valueKey } from './values.ts'

/** An event matched a detection rule. */
export interface Match {
  /** Index of the rule in the list that the correlations were parsed with. */
  readonly rule: number
  readonly tenant: string
  /** Event time, whole ms since 1970. */
  readonly time: number
  /** The event's id, unique within its tenant. */
  readonly ref: string
  /** A field of the event by its Sigma name; undefined or null where there is none. */
  readonly field: (name: string) => unknown
}

/** What a correlation takes in: an event that matched, or an occurrence of another correlation. */
export interface Taken {
  readonly time: number
  readonly ref: string
  readonly field: (name: string) => unknown
  readonly evidence?: readonly string[]
}

/** The values of the fields that it groups by; undefined where one has none. */
export function groupOf({ group }: CorrelationInput, { field }: Taken): readonly GroupValue[] | undefined {
  const values: GroupValue[] = []
  for (const name of group) {
    const value = groupValue(field(name))
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** What is counted or summed of it. */
export function measured(
  rule: CorrelationRule,
  { value }: CorrelationInput,
  { field }: Taken,
): number | string | undefined {
  if (value.length === 0) return undefined
  if (rule.type !== 'value_count') return numberOf(field(value[0] as string))
  const keys: string[] = []
  for (const name of value) {
    const one = groupValue(field(name))
    if (one === undefined) return undefined
    keys.push(valueKey(one))
  }
  return joinedKey(keys)
}

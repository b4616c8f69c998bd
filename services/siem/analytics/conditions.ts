import type { TextField } from './fields.ts'
import { type FieldName, fields, type InstantField, type InstantOperator, isField, type Operator } from './fields.ts'
import {
  type EventIdentity,
  maxListLength,
  type Parsed,
  parseEventId,
  parseInstant,
  parseText,
  shown,
} from './values.ts'

/** One condition of a question, checked. */
export type Condition =
  | { readonly field: TextField; readonly op: 'eq' | 'ne' | 'contains' | 'prefix'; readonly value: string }
  | { readonly field: TextField; readonly op: 'in'; readonly value: readonly string[] }
  | { readonly field: 'event_id'; readonly value: readonly Omit<EventIdentity, 'tenant'>[] }
  | { readonly field: InstantField; readonly op: InstantOperator; readonly value: number }

/** Where a question's mistakes are collected. */
export interface Findings {
  readonly problems: string[]
  /** The question names what belongs to another tenant. */
  foreign: boolean
}

export const maxConditions = 50
const members = ['field', 'op', 'value']

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keys that nobody asked for: a mistyped one must not be taken for a question without it. */
export function unknownKeys(value: object, known: readonly string[], at: string, problems: string[]): void {
  for (const key of Object.keys(value).slice(0, 10))
    if (!known.includes(key)) problems.push(`${at}${shown(key)} is not known here: ${known.join(', ')} are.`)
}

/** Reads the list of conditions; whatever is wrong with them goes into `findings`. */
export function parseFilter(filter: unknown, tenant: string, findings: Findings): readonly Condition[] {
  if (filter === undefined) return []
  if (!Array.isArray(filter) || filter.length > maxConditions) {
    findings.problems.push(`filter must be a list of at most ${maxConditions} conditions {field, op, value}.`)
    return []
  }
  return filter.flatMap((entry: unknown, i) => parseCondition(entry, `filter[${i}]`, tenant, findings))
}

function parseCondition(entry: unknown, at: string, tenant: string, findings: Findings): Condition[] {
  const { problems } = findings
  if (!isObject(entry)) {
    problems.push(`${at} must be a condition {field, op, value}.`)
    return []
  }
  unknownKeys(entry, members, `${at}: `, problems)
  const { field, op, value } = entry
  if (!isField(field)) {
    problems.push(`${at}.field (${shown(field)}) must be one of ${Object.keys(fields).join(', ')}.`)
    return []
  }
  // Whatever else is asked of the tenant is asked of other tenants.
  if (field === 'tenant') {
    if (op !== 'eq' || value !== tenant) findings.foreign = true
    return []
  }
  const ops: readonly Operator[] = fields[field].ops
  if (!ops.includes(op as Operator)) {
    problems.push(`${at}.op (${shown(op)}) must be one of ${ops.join(', ')} for the field '${field}'.`)
    return []
  }
  const read = values(op as Operator, value, (one) => parseValue(field, op as Operator, one))
  if ('problem' in read) {
    problems.push(`${at}.value (${shown(value)}) ${read.problem}.`)
    return []
  }
  return [conditionOf(field, op as Operator, read.value, tenant, findings)]
}

/** One value, or each of a list. */
function values<T>(op: Operator, value: unknown, parse: (one: unknown) => Parsed<T>): Parsed<readonly T[]> {
  if (op !== 'in') {
    const one = parse(value)
    return 'problem' in one ? one : { value: [one.value] }
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > maxListLength)
    return { problem: `must be a list of 1 to ${maxListLength} values` }
  const all = value.map(parse)
  const bad = all.findIndex((one) => 'problem' in one)
  if (bad >= 0) return { problem: `has an element [${bad}] that ${(all[bad] as { problem: string }).problem}` }
  return { value: all.map((one) => (one as { value: T }).value) }
}

type Value = string | number | EventIdentity

function parseValue(field: FieldName, op: Operator, value: unknown): Parsed<Value> {
  switch (fields[field].kind) {
    case 'identity':
      return parseEventId(value)
    case 'instant':
      return parseInstant(value)
    default:
      return parseText(value, op === 'eq' || op === 'ne' || op === 'in')
  }
}

function conditionOf(field: FieldName, op: Operator, list: readonly Value[], tenant: string, findings: Findings) {
  if (field === 'event_id') {
    const ids = list as readonly EventIdentity[]
    if (ids.some((id) => id.tenant !== tenant)) findings.foreign = true
    return { field, value: ids.map(({ batch, line }) => ({ batch, line })) } as const
  }
  // The table of fields says which operators and values belong together; it was asked above.
  return { field, op, value: op === 'in' ? [...new Set(list)].sort() : list[0] } as Condition
}

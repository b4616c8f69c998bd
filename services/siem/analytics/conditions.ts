import { type FieldKind, isOneOf, kinds, type Operator, type OperatorOf } from './fields.ts'
import type { Source } from './sources.ts'
import {
  type EventIdentity,
  maxListLength,
  type Parsed,
  parseEventId,
  parseInstant,
  parseNumber,
  parseText,
  parseWord,
  shown,
} from './values.ts'

type Scalar<K extends FieldKind, V> =
  | { readonly field: string; readonly kind: K; readonly op: Exclude<OperatorOf<K>, 'in'>; readonly value: V }
  | {
      readonly field: string
      readonly kind: K
      readonly op: Extract<OperatorOf<K>, 'in'>
      readonly value: readonly V[]
    }

/** One condition of a question, checked. `field` is one of its source's. */
export type Condition =
  | Scalar<'text' | 'name' | 'texts', string>
  | Scalar<'number', number>
  | { readonly field: string; readonly kind: 'search'; readonly op: OperatorOf<'search'>; readonly value: string }
  | { readonly field: string; readonly kind: 'instant'; readonly op: OperatorOf<'instant'>; readonly value: number }
  | { readonly field: string; readonly kind: 'identity'; readonly value: readonly Omit<EventIdentity, 'tenant'>[] }

/** Where a question's mistakes are collected. */
export interface Findings {
  readonly problems: string[]
  /** The question names what belongs to another tenant. */
  foreign: boolean
}

const maxConditions = 50
const members = ['field', 'op', 'value']

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keys that nobody asked for: a mistyped one must not be taken for a question without it. */
export function unknownKeys(value: object, known: readonly string[], at: string, problems: string[]): void {
  for (const key of Object.keys(value).slice(0, 10))
    if (!known.includes(key)) problems.push(`${at}${shown(key)} is not known here: ${known.join(', ')} are.`)
}

/** Whose question, of what. */
export interface Asked {
  readonly tenant: string
  readonly source: Source
}

/** Reads the list of conditions; whatever is wrong with them goes into `findings`. */
export function parseFilter(filter: unknown, asked: Asked, findings: Findings): readonly Condition[] {
  if (filter === undefined) return []
  if (!Array.isArray(filter) || filter.length > maxConditions) {
    findings.problems.push(`filter must be a list of at most ${maxConditions} conditions {field, op, value}.`)
    return []
  }
  return inOrder(filter.flatMap((entry: unknown, i) => parseCondition(entry, `filter[${i}]`, asked, findings)))
}

/** All conditions must hold, so their order says nothing. */
function inOrder(filter: readonly Condition[]): readonly Condition[] {
  const byText = new Map(filter.map((condition) => [JSON.stringify(condition), condition]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition)
}

function parseCondition(entry: unknown, at: string, { tenant, source }: Asked, findings: Findings): Condition[] {
  const { problems } = findings
  if (!isObject(entry)) {
    problems.push(`${at} must be a condition {field, op, value}.`)
    return []
  }
  unknownKeys(entry, members, `${at}: `, problems)
  const { field, op, value } = entry
  if (typeof field !== 'string' || !Object.hasOwn(source.fields, field)) {
    problems.push(`${at}.field (${shown(field)}) must be one of ${Object.keys(source.fields).join(', ')}.`)
    return []
  }
  const { kind } = source.fields[field]!
  // Whatever else is asked of the tenant is asked of other tenants.
  if (kind === 'tenant') {
    if (op !== 'eq' || value !== tenant) findings.foreign = true
    return []
  }
  const ops: readonly Operator[] = kinds[kind]
  if (!isOneOf(ops, op)) {
    problems.push(`${at}.op (${shown(op)}) must be one of ${ops.join(', ')} for the field '${field}'.`)
    return []
  }
  const read = values(op, value, (one) => parseValue(kind, op, one))
  if ('problem' in read) {
    problems.push(`${at}.value (${shown(value)}) ${read.problem}.`)
    return []
  }
  return [conditionOf(field, kind, op, read.value, tenant, findings)]
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

function parseValue(kind: FieldKind, op: Operator, value: unknown): Parsed<Value> {
  switch (kind) {
    case 'identity':
      return parseEventId(value)
    case 'instant':
      return parseInstant(value)
    case 'number':
      return parseNumber(value)
    default:
      return op === 'word' ? parseWord(value) : parseText(value, op === 'eq' || op === 'ne' || op === 'in')
  }
}

const compare = (a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0)

function conditionOf(
  field: string,
  kind: FieldKind,
  op: Operator,
  list: readonly Value[],
  tenant: string,
  findings: Findings,
): Condition {
  if (kind === 'identity') {
    const ids = list as readonly EventIdentity[]
    if (ids.some((id) => id.tenant !== tenant)) findings.foreign = true
    return { field, kind, value: ids.map(({ batch, line }) => ({ batch, line })) }
  }
  // The table of kinds says which operators and values belong together; it was asked above.
  return { field, kind, op, value: op === 'in' ? [...new Set(list)].sort(compare) : list[0] } as Condition
}

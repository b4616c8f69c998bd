import type { ColumnName } from '../../common/hot-tier/schema.ts'

/** What a condition may compare, by the words of a question. */
export const operators = {
  eq: 'is the value',
  ne: 'is not the value',
  in: 'is one of a list',
  contains: 'holds the text',
  prefix: 'begins with the text',
  gt: 'after',
  ge: 'at or after',
  lt: 'before',
  le: 'at or before',
} as const

export type Operator = keyof typeof operators

const text = ['eq', 'ne', 'in', 'contains', 'prefix'] as const
const instant = ['gt', 'ge', 'lt', 'le'] as const

/** The fields of a condition and what each takes: a closed table, the only source of names in SQL. */
export const fields = {
  tenant: { kind: 'tenant', ops: ['eq'] },
  event_id: { kind: 'identity', ops: ['eq', 'in'] },
  batch: { kind: 'text', ops: text },
  channel: { kind: 'text', ops: text },
  code: { kind: 'text', ops: text },
  provider: { kind: 'text', ops: text },
  host: { kind: 'text', ops: text },
  raw: { kind: 'text', ops: ['contains'] },
  time: { kind: 'instant', ops: instant },
  arrival: { kind: 'instant', ops: instant },
} as const satisfies Record<string, { readonly kind: string; readonly ops: readonly Operator[] }>

export type FieldName = keyof typeof fields
type FieldOf<K> = { [F in FieldName]: (typeof fields)[F]['kind'] extends K ? F : never }[FieldName]
export type TextField = FieldOf<'text'> & ColumnName
export type InstantField = FieldOf<'instant'> & ColumnName
export type InstantOperator = (typeof instant)[number]

export const groupFields = ['batch', 'channel', 'code', 'provider', 'host'] as const satisfies readonly TextField[]
export type GroupField = (typeof groupFields)[number]

export const instantFields = ['time', 'arrival'] as const satisfies readonly InstantField[]

/** What a question counts, and the column's name in its answer. */
export const aggregates = ['count', 'uniq_id'] as const
export type Aggregate = (typeof aggregates)[number]

export const isField = (name: unknown): name is FieldName => typeof name === 'string' && Object.hasOwn(fields, name)
export const isOneOf = <const T extends string>(values: readonly T[], value: unknown): value is T =>
  (values as readonly unknown[]).includes(value)

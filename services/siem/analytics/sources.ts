import { alertColumns, alertsTable } from '../../common/hot-tier/alerts.ts'
import { columns, eventsTable } from '../../common/hot-tier/schema.ts'
import type { Field, FieldKind } from './fields.ts'

/** A table of the hot tier as questions know it. Every name in SQL comes from here. */
export interface Source {
  readonly table: string
  /** What a condition may name. */
  readonly fields: Readonly<Record<string, Field>>
  /** What an answer may be grouped by. */
  readonly groups: readonly string[]
  /** For spans and buckets of time; the first is the default. */
  readonly instants: readonly string[]
  /** What numbers can be computed of: name → SQL of a Float64. */
  readonly numbers: Readonly<Record<string, string>>
  /** Tells rows of one tenant apart; follows the time in the table's order. */
  readonly identity: readonly { readonly name: string; readonly type: 'String' | 'UInt32' }[]
  /** What a search may show: name → kind of its cells. */
  readonly shown: Readonly<Record<string, 'text' | 'texts' | 'instant' | 'count'>>
  /** What a search shows that names no columns. */
  readonly usual: readonly string[]
  /** The column that grows with every insert, and tells versions of the data apart. */
  readonly freshness: string
}

export const sourceNames = ['events', 'alerts'] as const
export type SourceName = (typeof sourceNames)[number]

/** Columns with a meaning of their own; all others are fields by their type. */
const special = new Set(['tenant', 'batch', 'line', 'raw', 'time', 'arrival', 'detected', 'alert', 'events'])

type PlainKind = Extract<FieldKind, 'text' | 'texts' | 'number' | 'instant'>

/** The kind of field that a column of a ClickHouse type is. */
function kindOf(type: string): PlainKind {
  if (/^(LowCardinality\()?String\)?$/.test(type)) return 'text'
  if (/^Array\((LowCardinality\()?String\)?\)$/.test(type)) return 'texts'
  if (/^UInt(8|16|32)$/.test(type)) return 'number'
  if (type === "DateTime64(3, 'UTC')") return 'instant'
  throw new TypeError(`No kind of field is made of a column of the type ${type}.`)
}

const ordinary = (table: Readonly<Record<string, string>>): readonly (readonly [string, PlainKind])[] =>
  Object.entries(table).flatMap(([name, type]) => (special.has(name) ? [] : [[name, kindOf(type)] as const]))

const ms = (column: string): string => `toUnixTimestamp64Milli(${column})`

const cellOf = { text: 'text', texts: 'texts', number: 'count', instant: 'instant' } as const
const groupable = (kind: PlainKind): boolean => kind === 'text' || kind === 'number'

function eventsOf(table: Readonly<Record<string, string>>): Source {
  const own = ordinary(table)
  const numbers = own.flatMap(([name, kind]) => (kind === 'number' ? [name] : []))
  return {
    table: eventsTable,
    fields: {
      tenant: { kind: 'tenant' },
      event_id: { kind: 'identity' },
      batch: { kind: 'text' },
      ...Object.fromEntries(own.map(([name, kind]) => [name, { kind }])),
      raw: { kind: 'search' },
      size: { kind: 'number', sql: 'length(raw)' },
      delay: { kind: 'number', sql: `${ms('arrival')} - ${ms('time')}` },
      time: { kind: 'instant' },
      arrival: { kind: 'instant' },
    },
    groups: ['batch', ...own.flatMap(([name, kind]) => (groupable(kind) ? [name] : []))],
    instants: ['time', 'arrival'],
    numbers: {
      size: 'toFloat64(length(raw))',
      delay: `toFloat64(${ms('arrival')} - ${ms('time')})`,
      ...Object.fromEntries(numbers.map((name) => [name, `toFloat64(${name})`])),
    },
    identity: [
      { name: 'batch', type: 'String' },
      { name: 'line', type: 'UInt32' },
    ],
    shown: {
      arrival: 'instant',
      ...Object.fromEntries(own.map(([name, kind]) => [name, cellOf[kind]])),
      raw: 'text',
    },
    usual: ['arrival', ...own.map(([name]) => name)],
    freshness: 'arrival',
  }
}

function alertsOf(name: string, table: Readonly<Record<string, string>>): Source {
  const own = ordinary(table)
  return {
    table: name,
    fields: {
      tenant: { kind: 'tenant' },
      alert: { kind: 'name' },
      ...Object.fromEntries(own.map(([column, kind]) => [column, { kind }])),
      time: { kind: 'instant' },
      detected: { kind: 'instant' },
    },
    groups: own.flatMap(([column, kind]) => (groupable(kind) && column !== 'hits' ? [column] : [])),
    instants: ['time', 'detected'],
    numbers: { delay: `toFloat64(${ms('detected')} - ${ms('time')})`, hits: 'toFloat64(hits)' },
    identity: [{ name: 'alert', type: 'String' }],
    shown: { detected: 'instant', ...Object.fromEntries(own.map(([column, kind]) => [column, cellOf[kind]])) },
    usual: ['detected', ...own.map(([column]) => column)],
    freshness: 'detected',
  }
}

/** What may be asked for. */
export const sources = {
  events: eventsOf(columns),
  alerts: alertsOf(alertsTable, alertColumns),
} as const satisfies Record<SourceName, Source>

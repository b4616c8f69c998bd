import { TupleParam } from '@clickhouse/client'
import type { Condition } from './conditions.ts'
import type { Source } from './sources.ts'

export const instantType = "DateTime64(3, 'UTC')"

/** As ClickHouse reads a DateTime64. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

const comparisons = { eq: '=', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

/** Values on their way to the engine: each is a parameter, and SQL holds only its name and type. */
export class Params {
  readonly values: Record<string, unknown> = {}
  #count = 0

  add(type: string, value: unknown, name = `p${this.#count++}`): string {
    this.values[name] = value
    return `{${name}:${type}}`
  }
}

type Identities = Extract<Condition, { kind: 'identity' }>['value']

/** By its parts and not by the alias, so that the table's index of batches finds them. */
function identitySql(ids: Identities, params: Params): string {
  const [first, ...more] = ids
  if (first && more.length === 0)
    return `batch = ${params.add('String', first.batch)} AND line = ${params.add('UInt32', first.line)}`
  const pairs = ids.map(({ batch, line }) => new TupleParam([batch, line]))
  const batches = params.add('Array(String)', [...new Set(ids.map(({ batch }) => batch))])
  return `batch IN ${batches} AND (batch, line) IN ${params.add('Array(Tuple(String, UInt32))', pairs)}`
}

/** SQL of one condition of a question about `source`. */
export function where(condition: Condition, source: Source, params: Params): string {
  const column = source.fields[condition.field]?.sql ?? condition.field
  switch (condition.kind) {
    case 'identity':
      return identitySql(condition.value, params)
    case 'instant':
      return `${column} ${comparisons[condition.op]} ${params.add(instantType, instant(condition.value))}`
    case 'number':
      return condition.op === 'in'
        ? `${column} IN ${params.add('Array(Int64)', condition.value)}`
        : `${column} ${comparisons[condition.op]} ${params.add('Int64', condition.value)}`
    default:
      return textSql(column, condition, params)
  }
}

type TextCondition = Extract<Condition, { kind: 'text' | 'name' | 'texts' | 'search' }>

function textSql(column: string, condition: TextCondition, params: Params): string {
  if (condition.op === 'in') {
    const list = params.add('Array(String)', condition.value)
    return condition.kind === 'texts' ? `hasAny(${column}, ${list})` : `${column} IN ${list}`
  }
  const value = params.add('String', condition.value)
  switch (condition.op) {
    case 'eq':
    case 'ne':
      return `${column} ${comparisons[condition.op]} ${value}`
    case 'contains':
      return `position(${column}, ${value}) > 0`
    case 'icontains':
      return `positionCaseInsensitive(${column}, ${value}) > 0`
    case 'word':
      return `hasTokenCaseInsensitive(${column}, ${value})`
    case 'prefix':
      return `startsWith(${column}, ${value})`
    case 'has':
      return `has(${column}, ${value})`
    default:
      return condition satisfies never
  }
}

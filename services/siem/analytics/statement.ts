import { TupleParam } from '@clickhouse/client'
import { eventsTable } from '../../common/hot-tier/schema.ts'
import type { Condition } from './conditions.ts'
import type { InstantOperator } from './fields.ts'
import { type Group, groupName, type Question } from './question.ts'

/** A column of an answer: a group's text, the begin of a span of time, or a number. */
export interface AnswerColumn {
  readonly name: string
  readonly kind: 'text' | 'instant' | 'number'
}

export interface Statement {
  readonly sql: string
  readonly params: Readonly<Record<string, unknown>>
  readonly columns: readonly AnswerColumn[]
}

const instantType = "DateTime64(3, 'UTC')"
const compare = { gt: '>', ge: '>=', lt: '<', le: '<=' } as const satisfies Record<InstantOperator, string>

/** As ClickHouse reads a DateTime64. */
const instant = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

/** Values on their way to the engine: each is a parameter, and SQL holds only its name and type. */
class Params {
  readonly values: Record<string, unknown> = {}
  #count = 0

  add(type: string, value: unknown, name = `p${this.#count++}`): string {
    this.values[name] = value
    return `{${name}:${type}}`
  }
}

function where(condition: Condition, params: Params): string {
  const { field } = condition
  if (field === 'event_id') {
    // By its parts and not by the alias, so that the table's projection finds them.
    const [first, ...more] = condition.value
    if (first && more.length === 0)
      return `batch = ${params.add('String', first.batch)} AND line = ${params.add('UInt32', first.line)}`
    const pairs = condition.value.map(({ batch, line }) => new TupleParam([batch, line]))
    return `(batch, line) IN ${params.add('Array(Tuple(String, UInt32))', pairs)}`
  }
  switch (condition.op) {
    case 'eq':
      return `${field} = ${params.add('String', condition.value)}`
    case 'ne':
      return `${field} != ${params.add('String', condition.value)}`
    case 'in':
      return `${field} IN ${params.add('Array(String)', condition.value)}`
    case 'contains':
      return `position(${field}, ${params.add('String', condition.value)}) > 0`
    case 'prefix':
      return `startsWith(${field}, ${params.add('String', condition.value)})`
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return `${field} ${compare[condition.op]} ${params.add(instantType, instant(condition.value))}`
    default:
      return condition satisfies never
  }
}

function groupSql(group: Group, { timeField }: Question, params: Params): string {
  if (typeof group === 'string') return group
  const at = `toUnixTimestamp64Milli(${timeField})`
  // Not toStartOfInterval: it answers a DateTime, which knows no time before 1970 and none after 2106.
  return `${at} - positiveModulo(${at}, ${params.add('Int64', group.bucketMs)}) AS bucket`
}

const aggregateSql = { count: 'count() AS count', uniq_id: 'uniqExact(batch, line) AS uniq_id' } as const

/**
 * The statement that answers a question for one tenant. The tenant's condition is the outermost AND, every other stands in parentheses
 * of its own, and no value of the question is part of the SQL.
 */
export function statementFor(question: Question, tenant: string): Statement {
  const { aggregate, filter, timeField, from, to, groupBy, limit } = question
  const params = new Params()
  const conditions = filter.map((condition) => where(condition, params))
  if (from !== null) conditions.push(`${timeField} >= ${params.add(instantType, instant(from), 'from')}`)
  if (to !== null) conditions.push(`${timeField} < ${params.add(instantType, instant(to), 'to')}`)
  const groups = groupBy.map((group) => groupSql(group, question, params))
  const names = groupBy.map(groupName)
  const order = [...(names.includes('bucket') ? ['bucket'] : []), `${aggregate} DESC`, ...names]
  const own = `tenant = ${params.add('String', tenant, 'tenant')}`
  const sql = [
    `SELECT ${[...groups, aggregateSql[aggregate]].join(', ')} FROM ${eventsTable}`,
    `WHERE ${[own, ...conditions.map((condition) => `(${condition})`)].join(' AND ')}`,
    ...(names.length > 0 ? [`GROUP BY ${names.join(', ')}`, `ORDER BY ${[...new Set(order)].join(', ')}`] : []),
    `LIMIT ${params.add('UInt32', limit, 'limit')}`,
  ].join(' ')
  return {
    sql,
    params: params.values,
    columns: [
      ...names.map((name): AnswerColumn => ({ name, kind: name === 'bucket' ? 'instant' : 'text' })),
      { name: aggregate, kind: 'number' },
    ],
  }
}

import { hourlyProjections, hourSql } from '../../common/hot-tier/schema.ts'
import { aggregateColumns } from './aggregates.ts'
import { type Group, groupName, type Question } from './question.ts'
import { type Source, sources } from './sources.ts'
import { instant, instantType, Params, where } from './where.ts'

/** A column of an answer: a text, a list of texts, a time, a number that counts, or any number (null where there is none). */
export interface AnswerColumn {
  readonly name: string
  readonly kind: 'text' | 'texts' | 'instant' | 'count' | 'real'
}

export interface Sql {
  readonly sql: string
  readonly params: Readonly<Record<string, unknown>>
}

export interface Statement extends Sql {
  readonly columns: readonly AnswerColumn[]
  /** The same rows from several statements: those of a later one follow those of an earlier, and it is run while there are fewer than `rows`. */
  readonly pieces?: { readonly of: Iterable<Sql>; readonly rows: number }
}

const hourMs = 3_600_000
const aligned = (at: number | null): boolean => at === null || at % hourMs === 0

/**
 * Whether a projection that has counted every hour can answer: it is asked by its own expression for the hour. For whole hours that says the
 * same as the time itself.
 */
function countsHours({ source, aggregate, filter, timeField, from, to, groupBy }: Question): boolean {
  const [bucket] = groupBy.filter((group) => typeof group !== 'string')
  if (source !== 'events' || aggregate !== 'count' || timeField !== 'time') return false
  if (bucket === undefined && from === null && to === null) return false
  if (!aligned(from) || !aligned(to) || !aligned(bucket?.bucketMs ?? null)) return false
  const names = [...filter.map(({ field }) => field), ...groupBy.filter((group) => typeof group === 'string')]
  return Object.values(hourlyProjections).some((columns) =>
    names.every((name) => (columns as readonly string[]).includes(name)),
  )
}

function groupSql(group: Group, at: string, params: Params): string {
  if (typeof group === 'string') return group
  // Not toStartOfInterval: it answers a DateTime, which knows no time before 1970 and none after 2106.
  return `${at} - positiveModulo(${at}, ${params.add('Int64', group.bucketMs)}) AS bucket`
}

/** The conditions of a statement: the tenant's is the outermost AND, and every other stands in parentheses of its own. */
export function ownRows(tenant: string, conditions: readonly string[], params: Params): string {
  const own = `tenant = ${params.add('String', tenant, 'tenant')}`
  return [own, ...conditions.map((condition) => `(${condition})`)].join(' AND ')
}

function spanSql({ from, to, timeField }: Question, hours: boolean, params: Params): string[] {
  const column = hours ? hourSql : timeField
  const value = (ms: number, name: string) =>
    hours ? params.add('Int64', ms, name) : params.add(instantType, instant(ms), name)
  return [
    ...(from === null ? [] : [`${column} >= ${value(from, 'from')}`]),
    ...(to === null ? [] : [`${column} < ${value(to, 'to')}`]),
  ]
}

const groupKind = (group: Group, { fields }: Source): AnswerColumn['kind'] =>
  typeof group !== 'string' ? 'instant' : fields[group]?.kind === 'number' ? 'count' : 'text'

/** The statement that answers a question for one tenant. No value of the question is part of the SQL. */
export function statementFor(question: Question, tenant: string): Statement {
  const { filter, timeField, groupBy, limit, perBucket } = question
  const source: Source = sources[question.source]
  const params = new Params()
  const hours = countsHours(question)
  const conditions = [
    ...filter.map((condition) => where(condition, source, params)),
    ...spanSql(question, hours, params),
  ]
  const at = hours ? hourSql : `toUnixTimestamp64Milli(${timeField})`
  const groups = groupBy.map((group) => groupSql(group, at, params))
  const numbers = aggregateColumns(question.aggregate, source)
  const names = groupBy.map(groupName)
  const order = [...(names.includes('bucket') ? ['bucket'] : []), `${numbers[0]!.name} DESC`, ...names]
  const sql = [
    `SELECT ${[...groups, ...numbers.map(({ sql, name }) => `${sql} AS ${name}`)].join(', ')} FROM ${source.table}`,
    `WHERE ${ownRows(tenant, conditions, params)}`,
    ...(names.length > 0 ? [`GROUP BY ${names.join(', ')}`, `ORDER BY ${[...new Set(order)].join(', ')}`] : []),
    ...(perBucket === null ? [] : [`LIMIT ${params.add('UInt32', perBucket, 'perBucket')} BY bucket`]),
    `LIMIT ${params.add('UInt32', limit, 'limit')}`,
  ].join(' ')
  return {
    sql,
    params: params.values,
    columns: [
      ...groupBy.map((group): AnswerColumn => ({ name: groupName(group), kind: groupKind(group, source) })),
      ...numbers.map(({ name, kind }) => ({ name, kind })),
    ],
  }
}

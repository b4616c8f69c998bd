import { type Condition, parseFilter } from './conditions.ts'
import type { Cursors, Position } from './cursor.ts'
import { isOneOf } from './fields.ts'
import { defaultLimit, Members, wholeWithin, word } from './question.ts'
import { type Source, type SourceName, sourceNames, sources } from './sources.ts'
import { type AnswerColumn, ownRows, type Statement } from './statement.ts'
import { type Parsed, shown } from './values.ts'
import { instant, instantType, Params, where } from './where.ts'

/** Rows that a tenant wants to see, by their time; equal searches are equal texts of JSON. */
export interface Search {
  readonly source: SourceName
  readonly filter: readonly Condition[]
  readonly from: number | null
  readonly to: number | null
  readonly order: 'desc' | 'asc'
  /** What is shown after the time and the identity. */
  readonly columns: readonly string[]
  readonly limit: number
}

/** A page of it. */
export interface Page {
  readonly search: Search
  readonly after: Position | null
}

const members = ['source', 'filter', 'from', 'to', 'order', 'columns', 'limit', 'cursor'] as const

/** Reads a search of `tenant`. Throws HttpError as `parseQuestion` does; a cursor that is not for this tenant and search is a problem of it. */
export function parseSearch(body: unknown, tenant: string, maxRows: number, cursors: Cursors): Page {
  const read = new Members(body, members, '{} shows the latest events')
  const name = read.take<SourceName>('source', word(sourceNames), 'events')
  const source: Source = sources[name]
  const search: Search = {
    source: name,
    filter: parseFilter(read.raw('filter'), { tenant, source }, read.findings),
    ...read.span(),
    order: read.take('order', word(['desc', 'asc']), 'desc'),
    columns: read.take('columns', (value) => parseColumns(value, source), source.usual),
    limit: read.take('limit', wholeWithin(maxRows), Math.min(defaultLimit, maxRows)),
  }
  const after = read.take<Position | null>(
    'cursor',
    (value) => {
      const position = typeof value === 'string' ? cursors.open(value, tenant, search) : undefined
      return position ? { value: position } : { problem: 'is not a cursor of this search' }
    },
    null,
  )
  read.settle()
  return { search, after }
}

function parseColumns(value: unknown, source: Source): Parsed<readonly string[]> {
  const names = Object.keys(source.shown)
  if (!Array.isArray(value) || value.length > names.length)
    return { problem: `must be a list of some of ${names.join(', ')}` }
  const bad = value.find((name) => !isOneOf(names, name))
  if (bad !== undefined) return { problem: `names ${shown(bad)}; there are ${names.join(', ')}` }
  return { value: names.filter((name) => value.includes(name)) }
}

/** The columns of a row's sort key, in order. */
const keyOf = (source: Source): readonly { readonly name: string; readonly type: string }[] => [
  { name: 'time', type: instantType },
  ...source.identity,
]

/** How many cells of a row are its sort key. */
export const keyLength = (search: Search): number => keyOf(sources[search.source]).length

/**
 * The statement for a page: one row more than asked for, which says whether there is another page. It goes on from a row's sort key and not from
 * a count of rows: what is added or removed meanwhile neither repeats nor hides a row.
 */
export function searchStatement({ search, after }: Page, tenant: string): Statement {
  const source: Source = sources[search.source]
  const params = new Params()
  const { filter, from, to, order, limit } = search
  const key = keyOf(source)
  const conditions = filter.map((condition) => where(condition, source, params))
  if (from !== null) conditions.push(`time >= ${params.add(instantType, instant(from), 'from')}`)
  if (to !== null) conditions.push(`time < ${params.add(instantType, instant(to), 'to')}`)
  if (after !== null) {
    const values = after.map((value, i) => (i === 0 ? instant(Date.parse(value as string)) : value))
    const marks = key.map(({ type }, i) => params.add(type, values[i], `after${i}`))
    const sign = order === 'desc' ? '<' : '>'
    // The first half is implied by the second; it is what the table's index can use.
    conditions.push(
      `time ${sign}= ${marks[0]}`,
      `(${key.map(({ name }) => name).join(', ')}) ${sign} (${marks.join(', ')})`,
    )
  }
  const direction = order === 'desc' ? ' DESC' : ''
  const cells = [...key.map(({ name }) => name), ...search.columns]
  const kind = (name: string): AnswerColumn['kind'] =>
    name === 'time' ? 'instant' : (source.shown[name] ?? (name === 'line' ? 'count' : 'text'))
  const columns = cells.map((name): AnswerColumn => ({ name, kind: kind(name) }))
  const sql = [
    `SELECT ${columns.map(({ name, kind }) => (kind === 'instant' ? `toUnixTimestamp64Milli(${name}) AS at_${name}` : name)).join(', ')}`,
    `FROM ${source.table} WHERE ${ownRows(tenant, conditions, params)}`,
    `ORDER BY ${key.map(({ name }) => `${name}${direction}`).join(', ')}`,
    `LIMIT ${params.add('UInt32', limit + 1, 'limit')}`,
  ].join(' ')
  return { sql, params: params.values, columns }
}

import { type Condition, parseFilter } from './conditions.ts'
import type { Cursors, Position } from './cursor.ts'
import { isOneOf } from './fields.ts'
import { defaultLimit, Members, wholeWithin, word } from './question.ts'
import { type Source, type SourceName, sourceNames, sources } from './sources.ts'
import { type AnswerColumn, ownRows, type Sql, type Statement } from './statement.ts'
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

/** How far from where a page begins its first looks go, milliseconds: most pages end there, and what is not looked at costs nothing. */
const looks = [3_600_000, 24 * 3_600_000] as const

type Span = Pick<Search, 'from' | 'to'>

/** The span of a page from where it begins, in pieces that touch; one when it is short, filtered, or begins nobody knows where. */
export function piecesOf({ search: { from, to, order, filter }, after }: Page, now: number): readonly Span[] {
  // How far rows of a filter lie apart is not known: looking again and again could cost more than it saves.
  if (filter.length > 0) return [{ from, to }]
  const passed = after === null ? null : Date.parse(after[0] as string)
  const [newest, oldest] = order === 'desc' ? [passed === null ? to : passed + 1, from] : [to, passed ?? from]
  const begin = order === 'desc' ? (newest ?? now) : oldest
  if (begin === null) return [{ from: oldest, to: newest }]
  const away = order === 'desc' ? -1 : 1
  const inside = (at: number) => (oldest === null || at > oldest) && (newest === null || at < newest)
  const cuts = looks.map((look) => begin + away * look).filter(inside)
  const marks = [order === 'desc' ? newest : oldest, ...cuts, order === 'desc' ? oldest : newest]
  return marks.slice(1).map((mark, i) => {
    const last = marks[i]!
    return order === 'desc' ? { from: mark!, to: last } : { from: last, to: mark! }
  })
}

/**
 * The statement for a page: one row more than asked for, which says whether there is another page. It goes on from a row's sort key and not from
 * a count of rows: what is added or removed meanwhile neither repeats nor hides a row. It looks where the page begins first, then further away.
 */
export function searchStatement(page: Page, tenant: string, now = Date.now()): Statement {
  const { search } = page
  const spans = piecesOf(page, now)
  const columns = cellsOf(search).map((name): AnswerColumn => ({ name, kind: cellKind(search, name) }))
  const [only] = spans
  if (spans.length === 1 && only) return { ...spanStatement(page, tenant, only), columns }
  // Most pages end with the first piece, and what a cache has needs none.
  const of = {
    *[Symbol.iterator]() {
      for (const span of spans) yield spanStatement(page, tenant, span)
    },
  }
  return { ...spanStatement(page, tenant, search), columns, pieces: { of, rows: search.limit + 1 } }
}

const cellsOf = (search: Search): readonly string[] => [
  ...keyOf(sources[search.source]).map(({ name }) => name),
  ...search.columns,
]

function cellKind({ source }: Search, name: string): AnswerColumn['kind'] {
  const { shown }: Source = sources[source]
  return name === 'time' ? 'instant' : (shown[name] ?? (name === 'line' ? 'count' : 'text'))
}

function spanStatement({ search, after }: Page, tenant: string, { from, to }: Span): Sql {
  const source: Source = sources[search.source]
  const params = new Params()
  const { filter, order, limit } = search
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
  const cells = cellsOf(search)
  const sql = [
    `SELECT ${cells.map((name) => (cellKind(search, name) === 'instant' ? `toUnixTimestamp64Milli(${name}) AS at_${name}` : name)).join(', ')}`,
    `FROM ${source.table} WHERE ${ownRows(tenant, conditions, params)}`,
    `ORDER BY ${key.map(({ name }) => `${name}${direction}`).join(', ')}`,
    `LIMIT ${params.add('UInt32', limit + 1, 'limit')}`,
  ].join(' ')
  return { sql, params: params.values }
}

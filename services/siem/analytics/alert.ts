import type { Row } from './answer.ts'
import { isObject, unknownKeys } from './conditions.ts'
import { badQuery } from './question.ts'
import type { Search } from './search.ts'
import { sources } from './sources.ts'
import { ownRows, type Statement } from './statement.ts'
import { type EventIdentity, shown } from './values.ts'
import { Params } from './where.ts'

/** An alert's id within its tenant. */
const alertId = /^[A-Za-z0-9._:-]{1,128}$/

/** Reads `{"alert": id}`. Throws HttpError 400 BAD_QUERY. */
export function parseAlertId(body: unknown): string {
  if (!isObject(body)) throw badQuery(['A question for an alert is a JSON object: {"alert": ID}.'])
  const problems: string[] = []
  unknownKeys(body, ['alert'], '', problems)
  const { alert } = body
  if (typeof alert !== 'string' || !alertId.test(alert))
    problems.push(`alert (${shown(alert)}) must be an alert's id, as a search of the alerts shows it.`)
  if (problems.length > 0) throw badQuery(problems)
  return alert as string
}

/** The statement for one alert of a tenant, with the identities of its evidence: 'batch/line'. */
export function alertStatement(alert: string, tenant: string): Statement {
  const { table, shown: cells } = sources.alerts
  const params = new Params()
  const own = ownRows(tenant, [`alert = ${params.add('String', alert)}`], params)
  const names = Object.keys(cells)
  const show = names.map((name) => (cells[name] === 'instant' ? `toUnixTimestamp64Milli(${name}) AS at_${name}` : name))
  return {
    sql: [
      `SELECT toUnixTimestamp64Milli(time) AS at_time, ${show.join(', ')},`,
      `arrayMap(event -> concat(event.1, '/', toString(event.2)), events) AS evidence`,
      `FROM ${table} WHERE ${own} LIMIT 1`,
    ].join(' '),
    params: params.values,
    columns: [
      { name: 'time', kind: 'instant' },
      ...names.map((name) => ({ name, kind: cells[name]! })),
      { name: 'evidence', kind: 'texts' },
    ],
  }
}

/** The identities in the last cell of such an answer's row. What is none is left out. */
export function evidenceOf(row: Row): readonly Omit<EventIdentity, 'tenant'>[] {
  const cell = row.at(-1)
  if (!Array.isArray(cell)) return []
  return cell.flatMap((text: string) => {
    const at = text.lastIndexOf('/')
    const line = Number(text.slice(at + 1))
    return at > 0 && Number.isInteger(line) ? [{ batch: text.slice(0, at), line }] : []
  })
}

/** The search that finds an alert's evidence among the tenant's own events, oldest first. */
export const evidenceSearch = (events: readonly Omit<EventIdentity, 'tenant'>[]): Search => ({
  source: 'events',
  filter: [{ field: 'event_id', kind: 'identity', value: events }],
  from: null,
  to: null,
  order: 'asc',
  columns: Object.keys(sources.events.shown),
  limit: Math.max(1, events.length),
})

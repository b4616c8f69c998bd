import type { Answer, Cell } from '../answer.ts'
import type { Condition } from '../conditions.ts'
import { groupName, type Question } from '../question.ts'

/** An event of the hot tier; times in milliseconds since the epoch. */
export interface EventRow {
  readonly tenant: string
  readonly arrival: number
  readonly time: number
  readonly batch: string
  readonly line: number
  readonly channel: string
  readonly code: string
  readonly provider: string
  readonly host: string
  readonly raw: string
}

function holds(row: EventRow, condition: Condition): boolean {
  if (condition.field === 'event_id')
    return condition.value.some(({ batch, line }) => row.batch === batch && row.line === line)
  switch (condition.op) {
    case 'eq':
      return row[condition.field] === condition.value
    case 'ne':
      return row[condition.field] !== condition.value
    case 'in':
      return condition.value.includes(row[condition.field])
    case 'contains':
      return row[condition.field].includes(condition.value)
    case 'prefix':
      return row[condition.field].startsWith(condition.value)
    case 'gt':
      return row[condition.field] > condition.value
    case 'ge':
      return row[condition.field] >= condition.value
    case 'lt':
      return row[condition.field] < condition.value
    case 'le':
      return row[condition.field] <= condition.value
    default:
      return condition satisfies never
  }
}

const byBytes = (a: Cell, b: Cell): number => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))

/** What the hot tier should answer, computed the long way. */
export function expected(
  rows: readonly EventRow[],
  question: Question,
  tenant: string,
): Pick<Answer, 'columns' | 'rows'> {
  const { aggregate, filter, timeField, from, to, groupBy, limit } = question
  const found = rows.filter(
    (row) =>
      row.tenant === tenant &&
      filter.every((condition) => holds(row, condition)) &&
      (from === null || row[timeField] >= from) &&
      (to === null || row[timeField] < to),
  )
  const number = (some: readonly EventRow[]) =>
    aggregate === 'count' ? some.length : new Set(some.map(({ batch, line }) => `${batch}/${line}`)).size
  const names = groupBy.map(groupName)
  const columns = [...names, aggregate]
  if (groupBy.length === 0) return { columns, rows: [[number(found)]] }
  const groups = new Map<string, { cells: string[]; rows: EventRow[] }>()
  for (const row of found) {
    const cells = groupBy.map((group) =>
      typeof group === 'string'
        ? row[group]
        : new Date(Math.floor(row[timeField] / group.bucketMs) * group.bucketMs).toISOString(),
    )
    const key = JSON.stringify(cells)
    const group = groups.get(key) ?? { cells, rows: [] }
    groups.set(key, group)
    group.rows.push(row)
  }
  const span = names.indexOf('bucket')
  const answer = [...groups.values()].map((group) => [...group.cells, number(group.rows)])
  answer.sort((a, b) => {
    // Years before 10000 sort as texts.
    const early = span < 0 ? 0 : byBytes(a[span]!, b[span]!)
    const more = Number(b.at(-1)) - Number(a.at(-1))
    return early || more || a.map((cell, i) => byBytes(cell, b[i]!)).find((difference) => difference !== 0) || 0
  })
  return { columns, rows: answer.slice(0, limit) }
}

const nasty = [
  '',
  'Security',
  "' OR 1=1 --",
  "acme' OR tenant != 'acme",
  '{tenant:String}',
  'a\\b\n\t\0c',
  'ü€😀',
  '%',
  '\\N',
  'NULL',
]

/** Events of two tenants whose batches have equal names; some stand there twice, and some are of another century. */
export function sampleRows(count: number): readonly EventRow[] {
  const start = Date.UTC(2026, 0, 5, 10)
  return Array.from({ length: count }, (_, i): EventRow => {
    const pick = (step: number) => nasty[Math.floor(i / step) % nasty.length]!
    const time = i % 17 === 0 ? Date.UTC(1925 + (i % 300), 5, 1, 3, 4, 5, i % 1_000) : start + i * 61_007
    return {
      tenant: i % 3 === 0 ? 'globex' : 'acme',
      arrival: start + i * 1_003,
      time,
      batch: `batch-${Math.floor(i / 40)}`,
      line: i % 11,
      channel: pick(1),
      code: `${4_600 + (i % 7)}`,
      provider: pick(3),
      host: `host-${i % 5}.example`,
      raw: JSON.stringify({ n: i, text: pick(7) }),
    }
  })
}

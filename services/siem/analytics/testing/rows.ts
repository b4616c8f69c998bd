import type { Answer, Cell } from '../answer.ts'
import type { Condition } from '../conditions.ts'
import { groupName, type Question } from '../question.ts'
import { sources as all, type Source } from '../sources.ts'

const sources: Readonly<Record<string, Source>> = all

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

/** What a question's name stands for in a row. Columns that a test's rows do not have are as the table fills them. */
function cellOf(row: EventRow, name: string): string | number {
  if (name === 'size') return Buffer.byteLength(row.raw)
  if (name === 'delay') return row.arrival - row.time
  return (
    (row as unknown as Record<string, string | number>)[name] ??
    (sources.events?.fields[name]?.kind === 'number' ? 0 : '')
  )
}

/** The letters A to Z alone have a second case. */
const folded = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
const words = (text: string): readonly string[] => folded(text).split(/[^A-Za-z0-9\u0080-\u{10ffff}]+/u)

/** What to compute goes by the field's kind, as the engine's types do. */
function holds(row: EventRow, condition: Condition): boolean {
  if (condition.kind === 'identity')
    return condition.value.some(({ batch, line }) => row.batch === batch && row.line === line)
  const value = cellOf(row, condition.field)
  if (condition.op === 'in') return (condition.value as readonly unknown[]).includes(value)
  const text = String(value)
  switch (condition.op) {
    case 'eq':
      return value === condition.value
    case 'ne':
      return value !== condition.value
    case 'contains':
      return text.includes(condition.value)
    case 'icontains':
      return folded(text).includes(folded(condition.value))
    case 'word':
      return words(text).includes(folded(condition.value))
    case 'prefix':
      return text.startsWith(condition.value)
    case 'gt':
      return Number(value) > condition.value
    case 'ge':
      return Number(value) >= condition.value
    case 'lt':
      return Number(value) < condition.value
    case 'le':
      return Number(value) <= condition.value
    case 'has':
      return false
    default:
      return condition satisfies never
  }
}

const byBytes = (a: Cell, b: Cell): number => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
const byValue = (a: Cell, b: Cell): number => (typeof a === 'number' && typeof b === 'number' ? a - b : byBytes(a, b))

/** Quantiles are compared elsewhere: the engine's are within a bound, not equal. */
function numberOf(some: readonly EventRow[], aggregate: Question['aggregate']): { name: string; value: number | null } {
  if (aggregate === 'count') return { name: 'count', value: some.length }
  if (aggregate === 'uniq_id')
    return { name: 'uniq_id', value: new Set(some.map(({ batch, line }) => `${batch}/${line}`)).size }
  if ('uniq' in aggregate) return { name: 'uniq', value: new Set(some.map((row) => cellOf(row, aggregate.uniq))).size }
  if (!('fn' in aggregate)) throw new TypeError('Quantiles have no exact answer.')
  const values = some.map((row) => cellOf(row, aggregate.of) as number)
  const sum = values.reduce((all, one) => all + one, 0)
  const value = { min: Math.min(...values), max: Math.max(...values), sum, avg: sum / values.length }[aggregate.fn]
  return { name: aggregate.fn, value: values.length === 0 ? null : value }
}

/** What the hot tier should answer, computed the long way. */
export function expected(
  rows: readonly EventRow[],
  question: Question,
  tenant: string,
): Pick<Answer, 'columns' | 'rows'> {
  const { aggregate, filter, from, to, groupBy, limit, perBucket } = question
  const timeField = question.timeField as 'time' | 'arrival'
  const found = rows.filter(
    (row) =>
      row.tenant === tenant &&
      filter.every((condition) => holds(row, condition)) &&
      (from === null || row[timeField] >= from) &&
      (to === null || row[timeField] < to),
  )
  const number = (some: readonly EventRow[]) => numberOf(some, aggregate).value
  const names = groupBy.map(groupName)
  const columns = [...names, numberOf([], aggregate).name]
  if (groupBy.length === 0) return { columns, rows: [[number(found)]] }
  const groups = new Map<string, { cells: Cell[]; rows: EventRow[] }>()
  for (const row of found) {
    const cells = groupBy.map((group) =>
      typeof group === 'string'
        ? cellOf(row, group)
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
    return early || more || a.map((cell, i) => byValue(cell, b[i]!)).find((difference) => difference !== 0) || 0
  })
  const seen = new Map<Cell, number>()
  const first = answer.filter((row) => {
    const n = seen.get(row[span]!) ?? 0
    seen.set(row[span]!, n + 1)
    return perBucket === null || n < perBucket
  })
  return { columns, rows: first.slice(0, limit) }
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

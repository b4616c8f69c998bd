import type { WaitingRecord } from './record.ts'
import type { KeptRecord } from './rows.ts'

/** A batch as its sender named it. */
export interface BatchId {
  readonly tenant: string
  readonly batch: string
}

/** The lines of a batch that the hot tier has. */
export interface StoredBatch extends BatchId {
  readonly lines: readonly number[]
  /** The part of the table that has them, where that is asked for. */
  readonly part?: string
}

const keyOf = ({ tenant, batch }: BatchId): string => `${tenant.length}:${tenant}/${batch}`

/** The batches that have events in these records, each once. */
export const batchesOf = (records: readonly WaitingRecord[]): readonly BatchId[] => [
  ...new Map(
    records.flatMap((record) =>
      record.kind === 'events' && record.lines.length > 0
        ? [[keyOf(record), { tenant: record.tenant, batch: record.batch }] as const]
        : [],
    ),
  ).values(),
]

/** Of the events, those that are not stored yet; of equal ones among them the first. */
export function withoutDuplicates(
  records: readonly WaitingRecord[],
  stored: readonly StoredBatch[],
): readonly KeptRecord[] {
  const known = new Map<string, Set<number>>()
  for (const batch of stored) {
    const key = keyOf(batch)
    const lines = known.get(key)
    if (lines) for (const line of batch.lines) lines.add(line)
    else known.set(key, new Set(batch.lines))
  }
  return records.flatMap((record) => {
    if (record.kind !== 'events') return []
    const key = keyOf(record)
    const lines = known.get(key) ?? new Set()
    known.set(key, lines)
    const keep: number[] = []
    for (const [index, line] of record.lines.entries())
      if (!lines.has(line)) {
        lines.add(line)
        keep.push(index)
      }
    return [{ record, keep }]
  })
}

export const rowsKept = (kept: readonly KeptRecord[]): number => kept.reduce((sum, { keep }) => sum + keep.length, 0)

import type { WaitingRecord } from './record.ts'
import { type KeptRecord, keptRows } from './rows.ts'

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

/** The lines of a batch that are known: a set only once somebody asks about a line that may be among them. */
class Lines {
  readonly #lists: (readonly number[])[] = []
  #highest = -1
  #set: Set<number> | undefined

  add(lines: readonly number[]): void {
    this.#lists.push(lines)
    for (const line of lines) {
      if (line > this.#highest) this.#highest = line
      this.#set?.add(line)
    }
  }

  /** Of increasing lines those that are not known, as indexes; they are known from now on. */
  take(lines: readonly number[]): readonly number[] | 'all' {
    const [first] = lines
    if (first === undefined || first > this.#highest) {
      this.add(lines)
      return 'all'
    }
    this.#set ??= new Set(this.#lists.flat())
    const set = this.#set
    const keep = [...lines.keys()].filter((index) => !set.has(lines[index]!))
    this.add(lines)
    return keep
  }
}

/** Of the events, those that are not stored yet; of equal ones among them the first. */
export function withoutDuplicates(
  records: readonly WaitingRecord[],
  stored: readonly StoredBatch[],
): readonly KeptRecord[] {
  const known = new Map<string, Lines>()
  const linesOf = (batch: BatchId) => {
    const key = keyOf(batch)
    const lines = known.get(key) ?? new Lines()
    known.set(key, lines)
    return lines
  }
  for (const batch of stored) linesOf(batch).add(batch.lines)
  return records.flatMap((record) =>
    record.kind === 'events' ? [{ record, keep: linesOf(record).take(record.lines) }] : [],
  )
}

export const rowsKept = (kept: readonly KeptRecord[]): number => kept.reduce((sum, of) => sum + keptRows(of), 0)

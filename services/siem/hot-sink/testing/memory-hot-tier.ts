import assert from 'node:assert/strict'
import { eventId } from '../../../common/codec/event-batch.ts'
import { partitionAt } from '../../../common/hot-tier/schema.ts'
import type { BatchId, StoredBatch } from '../duplicates.ts'
import type { HotTier } from '../hot-tier.ts'
import { type ReadRow, readRows } from './native.ts'

/** The look-up's answer where these rows are stored. */
export const storedOf = (rows: readonly ReadRow[], batches: readonly BatchId[]): readonly StoredBatch[] =>
  batches.flatMap(({ tenant, batch }) => {
    const lines = rows.filter((row) => row.tenant === tenant && row.batch === batch).map(({ line }) => line)
    return lines.length > 0 ? [{ tenant, batch, lines }] : []
  })

/** How often each event is among the rows, by its id. */
export function countsOf(rows: readonly ReadRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { tenant, batch, line } of rows) {
    const id = eventId(tenant, batch, line)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** A hot tier in memory: it remembers tokens, and refuses a block that would be more than one part. */
export class MemoryHotTier implements HotTier {
  readonly rows: ReadRow[] = []
  readonly tokens = new Set<string>()
  prepared = 0

  async prepare(): Promise<void> {
    this.prepared++
  }

  async stored(batches: readonly BatchId[]): Promise<readonly StoredBatch[]> {
    return storedOf(this.rows, batches)
  }

  async insert(token: string, rows: Buffer): Promise<void> {
    const read = readRows(rows)
    assert.equal(new Set(read.map(({ arrival }) => partitionAt(arrival))).size, 1, 'a block is one part')
    if (this.tokens.has(token)) return
    this.tokens.add(token)
    this.rows.push(...read)
  }

  /** How often each event is stored, by its id. */
  counts(): Map<string, number> {
    return countsOf(this.rows)
  }
}

import { crc32 } from 'node:zlib'
import { partitionAt } from '../../common/hot-tier/schema.ts'
import { eventBytesOf, rowsOf, type WaitingRecord } from './record.ts'

export interface BlockLimits {
  readonly maxRows: number
  /** Of events, unfolded. */
  readonly maxBytes: number
  readonly partitionBy: 'day' | 'month'
}

/** How many of the waiting records make the next block, and whether more could not join it. */
export interface Cut {
  readonly count: number
  readonly full: boolean
}

/**
 * The next block: as many records as the limits allow, and one at least. It ends where the hot tier's partition changes too, so that a
 * block is one part, which is there as a whole or not at all.
 */
export function cut(records: readonly WaitingRecord[], { maxRows, maxBytes, partitionBy }: BlockLimits): Cut {
  let rows = 0
  let bytes = 0
  let partition: string | undefined
  for (const [count, record] of records.entries()) {
    rows += rowsOf(record)
    bytes += eventBytesOf(record)
    if (record.kind === 'events') {
      const own = partitionAt(record.arrival, { partitionBy })
      partition ??= own
      if (own !== partition) return { count, full: true }
    }
    if (count > 0 && (rows > maxRows || bytes > maxBytes)) return { count, full: true }
    if (rows >= maxRows || bytes >= maxBytes) return { count: count + 1, full: true }
  }
  return { count: records.length, full: false }
}

/** The block that ends before the offset `to`, whatever the limits are now: full when it is certain that no record of it is to come. */
export function cutAt(records: readonly WaitingRecord[], to: bigint): Cut {
  const beyond = records.findIndex(({ offset }) => offset >= to)
  const count = beyond === -1 ? records.length : beyond
  return { count, full: beyond !== -1 || records.at(-1)?.offset === to - 1n }
}

/** Records of one partition from the offset `from` up to but without `to`. */
export interface Block {
  readonly from: bigint
  readonly to: bigint
  readonly records: readonly WaitingRecord[]
  /** An earlier owner may have inserted it. Default: nobody has. */
  readonly begun?: boolean
  /** By which version of the placements it is made (see Placements). */
  readonly version: number
}

/**
 * What the engine remembers of a block: repeated, it is dropped. The checksum is for a topic that was made anew while the hot tier kept
 * its memory: its first offsets are not the old ones.
 */
export function blockToken(topic: string, partition: number, { from, to, records }: Block): string {
  const sum = records.reduce((crc, { value }) => crc32(value, crc), 0)
  return `${topic}:${partition}:${from}-${to}/${sum.toString(16).padStart(8, '0')}`
}

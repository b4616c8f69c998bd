import type { ConsumedRecord } from '../../common/bus/bus.ts'
import type { PackedBatch } from '../../common/codec/body.ts'
import { CodecError, type CodecErrorCode } from '../../common/codec/errors.ts'
import { lendRecord } from '../../common/codec/record.ts'
import { latest } from '../../common/events/time.ts'
import { sinceOfKey } from '../../common/sharding/place-key.ts'
import type { TraceContext } from '../../common/tracing/context.ts'

/** Why a record cannot be stored. A fixed set: it labels metrics. */
export type UnreadableReason = CodecErrorCode | 'OUT_OF_RANGE' | 'INTERNAL'

interface Waiting {
  readonly offset: bigint
  /** When the sink took it, milliseconds of performance.now(). */
  readonly takenAt: number
  /** Of a record that is in a trace. */
  readonly trace?: RecordOrigin
}

/** Where in a trace a record comes from, and when it came to Kafka, milliseconds since the epoch. */
export interface RecordOrigin {
  readonly at: TraceContext
  readonly timestamp: number
}

/** A record that waits for its block, unfolded: unfolding it twice would cost more than the memory. */
export interface EventRecord extends Waiting, PackedBatch {
  readonly kind: 'events'
  /** As it came. */
  readonly value: Buffer
  /** Gives the memory of `bytes` back, when it is stored. */
  readonly done?: () => void
  /** Since which version of the map its tenant has been placed where it is; 0: always. */
  readonly since: number
}

export interface UnreadableRecord extends Waiting {
  readonly kind: 'unreadable'
  readonly reason: UnreadableReason
  readonly length: number
  /** The first bytes. */
  readonly value: Buffer
}

export type WaitingRecord = EventRecord | UnreadableRecord

/** The most of an unreadable record that is kept. */
export const keptBytes = 8_192
/** Of a record in memory, beside its value. */
const fixedBytes = 512

export const rowsOf = (record: WaitingRecord): number => (record.kind === 'events' ? record.lines.length : 0)
export const eventBytesOf = (record: WaitingRecord): number =>
  record.kind === 'events' ? record.bytes.length : record.value.length
/** What a waiting record takes of the memory. */
export const heldBytesOf = (record: WaitingRecord): number =>
  record.value.length + (record.kind === 'events' ? record.bytes.length + 12 * rowsOf(record) : 0) + fixedBytes

const mostLine = 0xffff_ffff

export const unreadableRecord = (
  { offset, value }: ConsumedRecord,
  takenAt: number,
  reason: UnreadableReason,
): UnreadableRecord => ({
  kind: 'unreadable',
  offset,
  takenAt,
  reason,
  length: value.length,
  value: Buffer.from(value.subarray(0, keptBytes)),
})

/**
 * Looks into a record once, so that whatever waits can be stored. Never throws: what cannot be read says why. `maxBytes` bounds what it may
 * unfold to. The value is copied: as it comes, it keeps the whole fetch that brought it in memory.
 */
export function readRecord(record: ConsumedRecord, maxBytes: number, takenAt: number): WaitingRecord {
  const { offset, value } = record
  const unreadable = (reason: UnreadableReason) => unreadableRecord(record, takenAt, reason)
  try {
    const own = Buffer.from(value)
    const batch = lendRecord(own, maxBytes)
    if (batch.arrival > latest || (batch.lines.at(-1) ?? 0) > mostLine) return unreadable('OUT_OF_RANGE')
    return { kind: 'events', offset, takenAt, value: own, since: sinceOfKey(record.key), ...batch }
  } catch (error) {
    return unreadable(error instanceof CodecError ? error.code : 'INTERNAL')
  }
}

import type { ConsumedRecord } from '../../common/bus/bus.ts'
import { CodecError, type CodecErrorCode } from '../../common/codec/errors.ts'
import type { EventBatch } from '../../common/codec/event-batch.ts'
import { decodeRecord } from '../../common/codec/record.ts'
import { latest } from './time.ts'

/** Why a record cannot be stored. A fixed set: it labels metrics. */
export type UnreadableReason = CodecErrorCode | 'OUT_OF_RANGE' | 'INTERNAL'

interface Waiting {
  readonly offset: bigint
  /** When the sink took it, milliseconds of performance.now(). */
  readonly takenAt: number
}

/** A record that waits for its block: packed as it came, since events are five to ten times as long, and with what cutting needs to know. */
export interface EventRecord extends Waiting, Pick<EventBatch, 'tenant' | 'batch' | 'arrival' | 'lines'> {
  readonly kind: 'events'
  readonly value: Buffer
  /** Of the events, unfolded. */
  readonly bytes: number
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
  record.kind === 'events' ? record.bytes : record.value.length
/** What a waiting record takes of the memory. */
export const heldBytesOf = (record: WaitingRecord): number => record.value.length + 8 * rowsOf(record) + fixedBytes

const mostLine = 0xffff_ffff

/**
 * Looks into a record once, so that whatever waits can be stored. Never throws: what cannot be read says why. `maxBytes` bounds what it may
 * unfold to. The value is copied: as it comes, it keeps the whole fetch that brought it in memory.
 */
export function readRecord({ offset, value }: ConsumedRecord, maxBytes: number, takenAt: number): WaitingRecord {
  const unreadable = (reason: UnreadableReason): UnreadableRecord => ({
    kind: 'unreadable',
    offset,
    takenAt,
    reason,
    length: value.length,
    value: Buffer.from(value.subarray(0, keptBytes)),
  })
  try {
    const { tenant, batch, arrival, lines, events } = decodeRecord(value, maxBytes)
    if (arrival > latest || (lines.at(-1) ?? 0) > mostLine) return unreadable('OUT_OF_RANGE')
    const bytes = events.reduce((sum, { length }) => sum + length, 0)
    return { kind: 'events', offset, takenAt, tenant, batch, arrival, lines, bytes, value: Buffer.from(value) }
  } catch (error) {
    return unreadable(error instanceof CodecError ? error.code : 'INTERNAL')
  }
}

import type { OutgoingRecord } from '../../common/bus/bus.ts'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import { encodeRecord, recordOverhead } from '../../common/codec/record.ts'
import { partitionOf, slotKey, slotOf } from '../../common/sharding/slot.ts'
import type { Line } from './lines.ts'

export interface RequestIdentity {
  readonly tenant: string
  readonly batch: string
  /** Milliseconds since the epoch. */
  readonly arrival: number
}

/** Cuts lines into runs whose record stays within what the topic takes, even if nothing of it can be compressed. */
export function* runs(lines: readonly Line[], identity: RequestIdentity, most: number): Generator<readonly Line[]> {
  let from = 0
  let size = 0
  for (const [at, { bytes }] of lines.entries()) {
    const with_ = size + bytes.length
    if (at > from && with_ + recordOverhead(identity.tenant, identity.batch, at - from + 1) > most) {
      yield lines.slice(from, at)
      from = at
      size = bytes.length
    } else size = with_
  }
  if (from < lines.length) yield lines.slice(from)
}

/** The records that carry a request's events: all of one tenant, so all of one partition, in order. */
export function eventRecords(
  lines: readonly Line[],
  identity: RequestIdentity,
  partitions: number,
): readonly OutgoingRecord[] {
  const topic = 'events.raw'
  const slot = slotOf(identity.tenant)
  const partition = partitionOf(slot, partitions)
  const key = slotKey(slot)
  return [...runs(lines, identity, maxValueBytes(topic))].map((run) => ({
    topic,
    partition,
    key,
    value: encodeRecord({
      ...identity,
      lines: run.map(({ line }) => line),
      events: run.map(({ bytes }) => bytes),
    }),
  }))
}

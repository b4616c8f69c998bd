import type { OutgoingRecord } from '../../common/bus/bus.ts'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import { encodeRecord, recordOverhead } from '../../common/codec/record.ts'
import { partitionOf, slotKey } from '../../common/sharding/slot.ts'
import type { Line } from './lines.ts'
import type { Place } from './placing.ts'

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

/** The lines of each slot, in order. */
function bySlot(lines: readonly Line[], place: Place): ReadonlyMap<number, readonly Line[]> {
  if (typeof place === 'number') return new Map([[place, lines]])
  return Map.groupBy(lines, ({ bytes }) => place(bytes))
}

export interface Destination {
  readonly place: Place
  /** Of the topic of events. */
  readonly partitions: number
}

/** The records that carry a request's events, those of a slot in order. A record has one slot; most tenants have one slot for all their events. */
export function eventRecords(
  lines: readonly Line[],
  identity: RequestIdentity,
  { place, partitions }: Destination,
): readonly OutgoingRecord[] {
  const topic = 'events.raw'
  return [...bySlot(lines, place)].flatMap(([slot, own]) => {
    const partition = partitionOf(slot, partitions)
    const key = slotKey(slot)
    return [...runs(own, identity, maxValueBytes(topic))].map((run) => ({
      topic,
      partition,
      key,
      value: encodeRecord({
        ...identity,
        lines: run.map(({ line }) => line),
        events: run.map(({ bytes }) => bytes),
      }),
    }))
  })
}

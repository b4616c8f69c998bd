import type { OutgoingRecord } from '../bus/bus.ts'
import { maxValueBytes } from '../bus/outbox.ts'
import { encodeRecord, recordOverhead } from '../codec/record.ts'
import { placeKey } from '../sharding/place-key.ts'
import { partitionOf } from '../sharding/slot.ts'
import type { Place, TenantPlace } from './placing.ts'

/** An event of a request. */
export interface EventLine {
  /** Zero-based, in the request. */
  readonly line: number
  readonly bytes: Buffer
}

export interface RequestIdentity {
  readonly tenant: string
  readonly batch: string
  /** Milliseconds since the epoch. */
  readonly arrival: number
}

/** Records with the place in a trace that they come from; the same ones where there is none. */
export const traced = (
  records: readonly OutgoingRecord[],
  traceparent: string | undefined,
): readonly OutgoingRecord[] =>
  traceparent === undefined ? records : records.map((record) => ({ ...record, traceparent }))

/** Cuts lines into runs whose record stays within what the topic takes, even if nothing of it can be compressed. */
function* runs(lines: readonly EventLine[], identity: RequestIdentity, most: number): Generator<readonly EventLine[]> {
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
function bySlot(lines: readonly EventLine[], place: Place): ReadonlyMap<number, readonly EventLine[]> {
  if (typeof place === 'number') return new Map([[place, lines]])
  return Map.groupBy(lines, ({ bytes }) => place(bytes))
}

export interface Destination extends TenantPlace {
  /** Of the topic of events. */
  readonly partitions: number
  /** Whether it has been in another place already, where shards have seen it (see placeKey). Default: no. */
  readonly again?: boolean
}

/** The records that carry a request's events, those of a slot in order. A record has one slot; most tenants have one slot for all their events. */
export function eventRecords(
  lines: readonly EventLine[],
  identity: RequestIdentity,
  { place, since, partitions, again = false }: Destination,
): readonly OutgoingRecord[] {
  const topic = 'events.raw'
  return [...bySlot(lines, place)].flatMap(([slot, own]) => {
    const partition = partitionOf(slot, partitions)
    const key = placeKey({ slot, since, again })
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

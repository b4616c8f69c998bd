import type { OutgoingRecord } from '../../common/bus/bus.ts'
import { maxValueBytes } from '../../common/bus/outbox.ts'

/** What is kept of a slot so that whoever owns it next goes on where its owner was. */
export interface SlotSnapshot {
  readonly slot: number
  /** Of the owner that wrote it. */
  readonly epoch: number
  /** The next offset of events.raw, in the slot's partition. */
  readonly offset: bigint
  /** Alerts of events from `offset` on have this offset in `alerts` at least. */
  readonly alerts: bigint
  /** The move that the owner stopped for: it does nothing to the slot after this. */
  readonly final?: string
  /** Of the correlator. */
  readonly state: Buffer
}

/** A head in JSON behind its length (4 bytes, little endian), then bytes of the state. */
interface Head {
  readonly v: 1
  readonly epoch: number
  readonly offset: string
  readonly alerts: string
  readonly final?: string
  /** How many parts follow elsewhere, and under which of the two names. Default: none, the state is in this record. */
  readonly parts?: { readonly count: number; readonly side: 0 | 1 }
}

const topic = 'correlation.state'
const partBytes = maxValueBytes(topic) - 1_024

/** 4 bytes for a slot's head, 8 for a part: slot, side and number. */
function key(slot: number, part?: { readonly side: 0 | 1; readonly number: number }): Buffer {
  const bytes = Buffer.alloc(part ? 8 : 4)
  bytes.writeUInt32BE(slot)
  if (part) bytes.writeUInt32BE(part.number * 2 + part.side, 4)
  return bytes
}

/**
 * The records of a snapshot, in the order in which they are to be written: the head is the last, and makes it count. A long state is in parts of
 * its own; they have two sides of names, and a snapshot must be written to the other `side` than the one before it, which counts until the head is there.
 */
export function snapshotRecords(snapshot: SlotSnapshot, partition: number, side: 0 | 1): readonly OutgoingRecord[] {
  const { slot, epoch, offset, alerts, final, state } = snapshot
  const count = state.length <= partBytes ? 0 : Math.ceil(state.length / partBytes)
  const head: Head = {
    v: 1,
    epoch,
    offset: `${offset}`,
    alerts: `${alerts}`,
    ...(final === undefined ? {} : { final }),
    ...(count > 0 ? { parts: { count, side } } : {}),
  }
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const parts = Array.from({ length: count }, (_, number) => ({
    topic,
    partition,
    key: key(slot, { side, number }),
    value: state.subarray(number * partBytes, (number + 1) * partBytes),
  })) satisfies OutgoingRecord[]
  const value = Buffer.concat([length, text, ...(count > 0 ? [] : [state])])
  return [...parts, { topic, partition, key: key(slot), value }]
}

/** Records of `correlation.state` of one partition as they are read, in order; what counts of each slot. */
export class SnapshotFold {
  readonly #parts = new Map<string, Buffer>()
  readonly #found = new Map<number, SlotSnapshot & { readonly side: 0 | 1 }>()

  /** `wanted`: slots to keep, for memory. */
  apply(record: { readonly key: Buffer | null; readonly value: Buffer }, wanted: (slot: number) => boolean): void {
    const { key: name, value } = record
    if (!name || (name.length !== 4 && name.length !== 8)) return
    const slot = name.readUInt32BE(0)
    if (!wanted(slot)) return
    if (name.length === 8) {
      this.#parts.set(name.toString('hex'), value)
      return
    }
    const snapshot = this.#read(slot, value)
    // Of a long one that was written over since, the head comes later.
    if (snapshot === undefined) return
    const known = this.#found.get(slot)
    const older =
      known && (snapshot.epoch < known.epoch || (snapshot.epoch === known.epoch && snapshot.offset < known.offset))
    if (!older) this.#found.set(slot, snapshot)
  }

  /** The newest snapshot of a slot, by epoch and then offset. */
  of(slot: number): SlotSnapshot | undefined {
    return this.#found.get(slot)
  }

  /** The side of names that the next snapshot of the slot may use. */
  sideFor(slot: number): 0 | 1 {
    return this.#found.get(slot)?.side === 0 ? 1 : 0
  }

  /** Forgets what is not needed any more. */
  drop(slot: number): void {
    this.#found.delete(slot)
    for (const side of [0, 1] as const)
      for (let number = 0; this.#parts.delete(key(slot, { side, number }).toString('hex')); number++);
  }

  #read(slot: number, value: Buffer): (SlotSnapshot & { readonly side: 0 | 1 }) | undefined {
    try {
      const end = 4 + value.readUInt32LE(0)
      const head = JSON.parse(value.toString('utf8', 4, end)) as Head
      if (head.v !== 1 || end > value.length) return undefined
      const { epoch, offset, alerts, final, parts } = head
      const state = parts ? this.#joined(slot, parts) : value.subarray(end)
      if (state === undefined) return undefined
      return {
        slot,
        epoch,
        offset: BigInt(offset),
        alerts: BigInt(alerts),
        ...(final === undefined ? {} : { final }),
        state,
        side: parts?.side ?? 1,
      }
    } catch {
      return undefined
    }
  }

  #joined(slot: number, { count, side }: NonNullable<Head['parts']>): Buffer | undefined {
    const parts = Array.from({ length: count }, (_, number) =>
      this.#parts.get(key(slot, { side, number }).toString('hex')),
    )
    return parts.every((part) => part !== undefined) ? Buffer.concat(parts) : undefined
  }
}

import { bytes } from '../../../policies/model/units.ts'
import { type TopicName, topics } from '../../../policies/storage.ts'
import type { OutgoingRecord, Removal } from './bus.ts'

/** One call of send: settled when its last record is. */
export interface Parcel {
  left: number
  /** After this nobody waits any more: what was not yet sent is dropped. Milliseconds of performance.now(). */
  readonly deadline: number
  readonly settle: (error?: Error) => void
}

export interface Waiting {
  readonly record: OutgoingRecord | Removal
  readonly parcel: Parcel
}

/** What `send` left here, in the order of each partition. */
export interface Round {
  readonly waiting: readonly Waiting[]
  readonly bytes: number
}

/** What Kafka adds around a record (its key included) and a batch of records, generously. */
const recordBytes = 64
const batchBytes = 512
/** And around its place in a trace. */
const traceBytes = 72

const size = (record: OutgoingRecord | Removal) =>
  record.value === null
    ? recordBytes
    : record.value.length + recordBytes + (record.traceparent === undefined ? 0 : traceBytes)

/** The longest value that a topic takes. */
export const maxValueBytes = (topic: TopicName): number => bytes(topics[topic].maxRecord) - recordBytes - batchBytes

/**
 * Records that wait to be sent, in order per partition. A round takes of each partition what fits into one Kafka batch.
 */
export class Outbox {
  readonly #queues = new Map<string, Waiting[]>()
  readonly #maxRound: number
  #bytes = 0
  #records = 0

  constructor(maxRoundBytes: number) {
    this.#maxRound = maxRoundBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get records(): number {
    return this.#records
  }

  add(records: readonly (OutgoingRecord | Removal)[], parcel: Parcel): void {
    for (const record of records) {
      const partition = `${record.topic}:${record.partition}`
      const queue = this.#queues.get(partition)
      if (queue) queue.push({ record, parcel })
      else this.#queues.set(partition, [{ record, parcel }])
      this.#bytes += size(record)
      this.#records++
    }
  }

  /** The next records to send, of partitions that are `ready`; those that nobody waits for any more are left out. Partitions take turns. */
  next(now: number, ready: (record: OutgoingRecord | Removal) => boolean = () => true): Round {
    const round: Waiting[] = []
    let total = 0
    for (const [partition, queue] of [...this.#queues]) {
      if (!ready(queue[0]!.record)) continue
      const limit = bytes(topics[queue[0]!.record.topic].maxRecord) - batchBytes
      let taken = 0
      let sum = 0
      for (; taken < queue.length; taken++) {
        const waiting = queue[taken]!
        const expired = waiting.parcel.deadline <= now
        const length = expired ? 0 : size(waiting.record)
        if (sum > 0 && sum + length > limit) break
        if (expired) this.#forget([waiting])
        else round.push(waiting)
        sum += length
      }
      total += sum
      this.#queues.delete(partition)
      // To the end of the order, so that a full round does not starve the same partitions again.
      if (taken < queue.length) this.#queues.set(partition, queue.slice(taken))
      if (total >= this.#maxRound) break
    }
    return { waiting: round, bytes: total }
  }

  /** The first record of each partition that has some waiting. */
  *heads(): Iterable<OutgoingRecord | Removal> {
    for (const [first] of this.#queues.values()) yield first!.record
  }

  /** Whether something waits that no round took yet. */
  get waits(): boolean {
    return this.#queues.size > 0
  }

  /** Lets go of what nobody waits for any more. */
  expire(now: number): void {
    for (const [partition, queue] of [...this.#queues]) {
      const kept = queue.findIndex(({ parcel }) => parcel.deadline > now)
      if (kept === 0) continue
      this.#forget(kept < 0 ? queue : queue.slice(0, kept))
      if (kept < 0) this.#queues.delete(partition)
      else this.#queues.set(partition, queue.slice(kept))
    }
  }

  /** A round is over: each parcel whose last record it held is settled. */
  done(round: Pick<Round, 'waiting'>, error?: Error): void {
    this.#forget(round.waiting)
    for (const { parcel } of round.waiting) {
      parcel.left--
      if (error !== undefined || parcel.left === 0) parcel.settle(error)
    }
  }

  #forget(waiting: readonly Waiting[]): void {
    for (const { record } of waiting) this.#bytes -= size(record)
    this.#records -= waiting.length
  }
}

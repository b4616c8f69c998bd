import type { Waiting } from '../outbox.ts'
import { encodeBatch, type Sequence } from './wire/records.ts'

export interface ProducerIdentity {
  readonly producerId: bigint
  readonly epoch: number
}

/** A batch on its way: the same bytes, with the same place in the sequence, until it is acknowledged or given up. */
export interface Batch {
  readonly bytes: Buffer
  readonly waiting: readonly Waiting[]
  /** When its last sender stops waiting, milliseconds of performance.now(). */
  readonly deadline: number
  attempts: number
  /** Not to be sent again before. */
  notBefore: number
  underWay: boolean
}

const maxEpoch = 0x7fff

/**
 * What is sent to one partition: one batch at a time, so that a repetition never has anything behind it that could overtake it. A broker knows a batch
 * by producer, epoch and sequence: it drops repetitions, refuses gaps and refuses older epochs.
 *
 * A batch that is given up may have been written, may yet be written, or never: its numbers cannot be used again. The next batch begins a new epoch, at
 * sequence 0, and with its arrival whatever is still under way of the older epoch is refused.
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-360
 */
export class Lane {
  readonly topic: string
  readonly partition: number
  #identity: ProducerIdentity | undefined
  #next = 0
  batch: Batch | undefined

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Makes the next batch; `identity` is for a lane that has none of its own (any more). */
  begin(waiting: readonly Waiting[], identity: ProducerIdentity, clock: number): Batch {
    this.#identity ??= identity
    const { producerId, epoch } = this.#identity
    const sequence: Sequence = { producerId, epoch, first: this.#next }
    // After the largest comes 0.
    this.#next = Number((BigInt(this.#next) + BigInt(waiting.length)) % 0x8000_0000n)
    this.batch = {
      bytes: encodeBatch(
        waiting.map(({ record }) => record),
        clock,
        sequence,
      ),
      waiting,
      deadline: Math.max(...waiting.map(({ parcel }) => parcel.deadline)),
      attempts: 0,
      notBefore: 0,
      underWay: false,
    }
    return this.batch
  }

  written(): void {
    this.batch = undefined
  }

  /** Answers false when this producer's epochs are used up and the lane needs another identity. */
  giveUp(): boolean {
    this.batch = undefined
    this.#next = 0
    const { producerId, epoch } = this.#identity!
    this.#identity = epoch < maxEpoch ? { producerId, epoch: epoch + 1 } : undefined
    return this.#identity !== undefined
  }
}

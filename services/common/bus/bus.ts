import type { TopicName } from '../../../policies/storage.ts'

/** A record on its way into a topic. The caller chooses the partition: slot → partition is fixed (see sharding). */
export interface OutgoingRecord {
  readonly topic: TopicName
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer
  /** Where in a trace it comes from, as W3C writes it; a header of the record. Default: it is in no trace. */
  readonly traceparent?: string
}

/** Takes a key out of a compacted topic. */
export interface Removal extends Omit<OutgoingRecord, 'key' | 'value' | 'traceparent'> {
  readonly key: Buffer
  readonly value: null
}

/** Writes records so that what is acknowledged survives: acks=all, in order per partition. */
export interface Producer {
  /**
   * Resolves when every record is acknowledged by the topic's replicas. Rejects with BusError `BACK_PRESSURE` (nothing was
   * taken), `TIMEOUT` or `UNAVAILABLE` (some may have been written: send the batch again under its id), `TOO_LARGE`.
   */
  send(records: readonly (OutgoingRecord | Removal)[]): Promise<void>
  /** Records and bytes taken and not yet settled. */
  readonly queued: { readonly records: number; readonly bytes: number }
  /** False while the last exchange with the brokers failed. */
  readonly healthy: boolean
  /** Waits for what was taken, then closes. */
  close(): Promise<void>
}

export interface ConsumedRecord {
  readonly offset: bigint
  readonly key: Buffer | null
  /** Empty where a key was removed (see Removal). */
  readonly value: Buffer
  /** When the broker or producer stamped it, milliseconds since the epoch. */
  readonly timestamp: number
  /** Of its header, as it came; undefined for a record that is in no trace. */
  readonly traceparent?: string | undefined
}

/** What a group has committed for a partition: the next offset to read, and the text it left with it ('' if none). */
export interface Committed {
  readonly offset: bigint
  readonly metadata: string
}

export interface Assignment {
  readonly partition: number
  /** Undefined: the group has never committed here, and reading starts at the oldest record. */
  readonly committed: Committed | undefined
}

export interface ConsumerHandler {
  /** Called before the first record of a generation. Reading starts at `committed.offset` of each partition. */
  assigned(assignments: readonly Assignment[]): void | Promise<void>
  /**
   * The partitions are no longer ours: drop what is buffered and not durable. Every change of the group takes all partitions
   * away and assigns anew, so a partition that stays is revoked and assigned too, and read again from its commit.
   */
  revoked(partitions: readonly number[]): void | Promise<void>
  /**
   * Records of one partition in offset order. While the promise is pending nothing more is read (heartbeats go on); to
   * hold back one partition alone, resolve and `pause` it. `signal` fires when the generation ends: stop soon.
   */
  records(partition: number, records: readonly ConsumedRecord[], signal: AbortSignal): void | Promise<void>
}

/** One member of a consumer group on one topic, with commits by hand. */
export interface Consumer {
  /** Joins the group and calls the handler until `close`. Goes on trying after failures by itself, also when brokers or topic are not there yet. */
  run(handler: ConsumerHandler): Promise<void>
  /**
   * Commits the next offset to read, with a text. Rejects with BusError `FENCED` when the partition is not ours (any more):
   * whoever owns it goes on from the last commit; `UNAVAILABLE` may be tried again.
   */
  commit(partition: number, offset: bigint, metadata?: string): Promise<void>
  /** What is committed for partitions, assigned or not. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>>
  /** The offset after the newest record, of every partition of the topic. */
  endOffsets(): Promise<ReadonlyMap<number, bigint>>
  pause(partition: number): void
  resume(partition: number): void
  /** True while this member has joined the group and its last fetch or heartbeat succeeded. */
  readonly healthy: boolean
  /** Leaves the group (revoked is called first) and disconnects. */
  close(): Promise<void>
}

/**
 * A consumer of partitions that its caller chooses, for a group that has one holder at a time: whoever runs last takes the group over, and commits of
 * the holder before it are FENCED from then on. Each partition it reads is committed under the group, also while others read it under theirs.
 */
export interface SoleConsumer extends Consumer {
  /**
   * Reads exactly these partitions from now on. The handler is told of those that left (`revoked`, after the signal of their records fired) and of
   * those that came (`assigned`, with their commits); the others go on undisturbed. Resolves when that is done, or at once while the group is not
   * held: then the choice counts as soon as it is. Before the first call nothing is read. Never await it within a handler.
   */
  choose(partitions: readonly number[]): Promise<void>
}

export type RecordsHandler = (records: readonly ConsumedRecord[]) => void | Promise<void>

/**
 * Reads partitions of one topic without a group: what a compacted topic holds, or what stands after a known offset. To read all and then follow:
 * `follow(p, await toEnd(p, undefined, handle), handle)` leaves no gap.
 */
export interface Reader {
  /**
   * Hands over, in order, what one partition holds from `from` to its end as of this call. `from` undefined, or older than what is kept: from the
   * oldest record. Resolves with the offset to go on from. Goes on trying while brokers or topic are away; rejects with what the handler threw, with
   * `signal`'s reason, or with BusError `CLOSED`.
   */
  toEnd(
    partition: number,
    from: bigint | undefined,
    handle: RecordsHandler,
    options?: { readonly signal?: AbortSignal },
  ): Promise<bigint>
  /**
   * Hands over what comes from `from` on until the returned function is called; that resolves when the handler is at rest. One partition is followed
   * once. While the handler's promise is pending, nothing more of the partition is handed over; when it throws, the same records come again later.
   */
  follow(partition: number, from: bigint, handle: RecordsHandler): () => Promise<void>
  /** The offset after the newest record, of every partition of the topic. */
  endOffsets(): Promise<ReadonlyMap<number, bigint>>
  /** False while the last exchange with the brokers failed. */
  readonly healthy: boolean
  close(): Promise<void>
}

export interface TopicDescription {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

export interface TopicToCreate {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

export interface Admin {
  /** The number of brokers that answer. */
  brokers(): Promise<number>
  describe(topics: readonly string[]): Promise<readonly TopicDescription[]>
  create(topics: readonly TopicToCreate[]): Promise<void>
  configure(topic: string, config: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

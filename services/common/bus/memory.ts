import { type TopicName, topics } from '../../../policies/storage.ts'
import type { Committed, ConsumedRecord, OutgoingRecord, Producer, Removal } from './bus.ts'
import { BusError } from './errors.ts'
import { MemoryConsumer, MemorySoleConsumer } from './memory-consumer.ts'
import { MemoryReader } from './memory-reader.ts'
import { maxValueBytes } from './outbox.ts'

export type { MemoryConsumer, MemorySoleConsumer } from './memory-consumer.ts'
export type { MemoryReader } from './memory-reader.ts'

type Log = ConsumedRecord[]

/** A bus in memory, for tests: the same contracts, plus switches for what brokers do wrong. */
export class MemoryBus {
  readonly #partitions: number
  readonly #logs = new Map<string, Log>()
  readonly #commits = new Map<string, Committed>()
  readonly #holders = new Map<string, MemorySoleConsumer>()
  readonly #readers = new Set<MemoryReader>()
  readonly #waiting: (() => void)[] = []
  #held = false
  /** The next sends reject with these, in order. */
  readonly failures: BusError[] = []
  /** Whether a failing send writes its records all the same, as a lost acknowledgement would. */
  writeOnFailure = false

  constructor(partitions = 8) {
    this.#partitions = partitions
  }

  partitionsOf(topic: TopicName): number {
    return topics[topic].partitioning === 'single' ? 1 : this.#partitions
  }

  records(topic: TopicName, partition?: number): readonly ConsumedRecord[] {
    if (partition !== undefined) return this.#log(topic, partition)
    return Array.from({ length: this.partitionsOf(topic) }, (_, p) => this.#log(topic, p)).flat()
  }

  endOffsets(topic: TopicName): ReadonlyMap<number, bigint> {
    return new Map(
      Array.from({ length: this.partitionsOf(topic) }, (_, p) => [p, BigInt(this.#log(topic, p).length)] as const),
    )
  }

  append(record: OutgoingRecord | Removal): void {
    const { topic, partition, key, value } = record
    if (partition >= this.partitionsOf(topic))
      throw new BusError('UNAVAILABLE', `${topic} has no partition ${partition}.`)
    const log = this.#log(topic, partition)
    const traceparent = value === null ? undefined : record.traceparent
    log.push({ offset: BigInt(log.length), key, value: value ?? Buffer.alloc(0), timestamp: 0, traceparent })
    for (const reader of this.#readers) reader.wake(topic)
  }

  /** Acknowledgements wait until `release`. */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    for (const go of this.#waiting.splice(0)) go()
  }

  producer(maxQueuedBytes = Number.POSITIVE_INFINITY): Producer {
    const queued = { records: 0, bytes: 0 }
    let closed = false
    return {
      queued,
      healthy: true,
      send: async (records) => {
        if (closed) throw new BusError('CLOSED', 'The producer is closed.')
        const size = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
        for (const { topic, value } of records)
          if (value !== null && value.length > maxValueBytes(topic))
            throw new BusError('TOO_LARGE', `A record is too large for ${topic}.`)
        if (queued.bytes > 0 && queued.bytes + size > maxQueuedBytes)
          throw new BusError('BACK_PRESSURE', `${queued.bytes} bytes already wait.`)
        queued.records += records.length
        queued.bytes += size
        try {
          if (this.#held) await new Promise<void>((go) => this.#waiting.push(go))
          const failure = this.failures.shift()
          if (failure === undefined || this.writeOnFailure) for (const record of records) this.append(record)
          if (failure !== undefined) throw failure
        } finally {
          queued.records -= records.length
          queued.bytes -= size
        }
      },
      close: async () => {
        closed = true
      },
    }
  }

  /** A consumer that owns all partitions as soon as it runs; `poll` hands over what it has not yet handed over. */
  consumer(group: string, topic: TopicName): MemoryConsumer {
    return new MemoryConsumer(this, group, topic, this.#commits)
  }

  /** The same on partitions that its caller chooses; running it takes the group from the one before. */
  soleConsumer(group: string, topic: TopicName): MemorySoleConsumer {
    return new MemorySoleConsumer(this, group, topic, this.#commits, this.#holders)
  }

  reader(topic: TopicName): MemoryReader {
    const reader = new MemoryReader(this, topic, () => this.#readers.delete(reader))
    this.#readers.add(reader)
    return reader
  }

  #log(topic: TopicName, partition: number): Log {
    const name = `${topic}:${partition}`
    const log = this.#logs.get(name) ?? []
    this.#logs.set(name, log)
    return log
  }
}

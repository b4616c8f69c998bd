import { type TopicName, topics } from '../../../policies/storage.ts'
import type { Committed, ConsumedRecord, Consumer, ConsumerHandler, OutgoingRecord, Producer } from './bus.ts'
import { BusError } from './errors.ts'
import { maxValueBytes } from './outbox.ts'

type Log = ConsumedRecord[]

/** A bus in memory, for tests: the same contracts, plus switches for what brokers do wrong. */
export class MemoryBus {
  readonly #partitions: number
  readonly #logs = new Map<string, Log>()
  readonly #commits = new Map<string, Committed>()
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

  append(record: OutgoingRecord): void {
    const { topic, partition, key, value } = record
    if (partition >= this.partitionsOf(topic))
      throw new BusError('UNAVAILABLE', `${topic} has no partition ${partition}.`)
    const log = this.#log(topic, partition)
    log.push({ offset: BigInt(log.length), key, value, timestamp: 0 })
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
        const size = records.reduce((sum, { value }) => sum + value.length, 0)
        for (const { topic, value } of records)
          if (value.length > maxValueBytes(topic))
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

  #log(topic: TopicName, partition: number): Log {
    const name = `${topic}:${partition}`
    const log = this.#logs.get(name) ?? []
    this.#logs.set(name, log)
    return log
  }
}

export class MemoryConsumer implements Consumer {
  readonly #bus: MemoryBus
  readonly #group: string
  readonly #topic: TopicName
  readonly #commits: Map<string, Committed>
  readonly #positions = new Map<number, bigint>()
  readonly #paused = new Set<number>()
  #handler: ConsumerHandler | undefined
  #ended = new AbortController()
  #owns = false

  constructor(bus: MemoryBus, group: string, topic: TopicName, commits: Map<string, Committed>) {
    this.#bus = bus
    this.#group = group
    this.#topic = topic
    this.#commits = commits
  }

  get healthy(): boolean {
    return this.#owns
  }

  #all(): number[] {
    return Array.from({ length: this.#bus.partitionsOf(this.#topic) }, (_, p) => p)
  }

  #key = (partition: number) => `${this.#group}:${this.#topic}:${partition}`

  async run(handler: ConsumerHandler): Promise<void> {
    this.#handler = handler
    await this.assign()
  }

  /** Begins a generation that owns every partition. */
  async assign(): Promise<void> {
    this.#ended = new AbortController()
    this.#owns = true
    this.#paused.clear()
    const assignments = this.#all().map((partition) => ({
      partition,
      committed: this.#commits.get(this.#key(partition)),
    }))
    for (const { partition, committed } of assignments) this.#positions.set(partition, committed?.offset ?? 0n)
    await this.#handler!.assigned(assignments)
  }

  /** Ends the generation, as a change of the group does. */
  async revoke(): Promise<void> {
    if (!this.#owns) return
    this.#owns = false
    this.#ended.abort(new BusError('FENCED', 'The group changed.'))
    await this.#handler!.revoked(this.#all())
  }

  /** Hands over at most `most` records of each partition that is not paused. Answers how many there were. */
  async poll(most = 500): Promise<number> {
    let count = 0
    for (const partition of this.#all()) {
      if (!this.#owns) break
      if (this.#paused.has(partition)) continue
      const from = Number(this.#positions.get(partition) ?? 0n)
      const records = this.#bus.records(this.#topic, partition).slice(from, from + most)
      if (records.length === 0) continue
      await this.#handler!.records(partition, records, this.#ended.signal)
      this.#positions.set(partition, BigInt(from + records.length))
      count += records.length
    }
    return count
  }

  async commit(partition: number, offset: bigint, metadata = ''): Promise<void> {
    if (!this.#owns) throw new BusError('FENCED', `Partition ${partition} is not ours now.`)
    this.#commits.set(this.#key(partition), { offset, metadata })
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    return new Map(
      partitions.flatMap((partition) => {
        const found = this.#commits.get(this.#key(partition))
        return found ? [[partition, found] as const] : []
      }),
    )
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return new Map(this.#all().map((p) => [p, BigInt(this.#bus.records(this.#topic, p).length)]))
  }

  pause(partition: number): void {
    this.#paused.add(partition)
  }

  resume(partition: number): void {
    this.#paused.delete(partition)
  }

  async close(): Promise<void> {
    await this.revoke()
  }
}

import { setImmediate as macrotask } from 'node:timers/promises'
import type {
  Admin as KafkaJsAdmin,
  Consumer as KafkaJsConsumer,
  EachBatchPayload,
  OffsetsByTopicPartition,
} from 'kafkajs'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Committed, ConsumedRecord, Consumer, ConsumerHandler } from '../bus.ts'
import { BusError } from '../errors.ts'
import { type KafkaOptions, kafkaClient } from './client.ts'

export interface KafkaConsumerOptions extends KafkaOptions {
  readonly group: string
  readonly topic: TopicName
  /** A member that is silent this long loses its partitions. Default: 15 s. */
  readonly sessionTimeoutMs?: number
  /** The most bytes one fetch brings, over all partitions. Default: 8 MiB. */
  readonly maxFetchBytes?: number
}

/** One spell of ownership: from joining the group to the next change of its members. */
interface Generation {
  readonly partitions: ReadonlySet<number>
  readonly ended: AbortController
  /** Settles when the handler knows its partitions; no record is handed over before. */
  readonly ready: Promise<void>
  /** kafkajs' commit that does not retry; it comes with a batch. */
  commit: ((offsets: OffsetsByTopicPartition) => Promise<void>) | undefined
}

const fenced = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])

/** A member of a Kafka consumer group, on kafkajs: eager rebalances, commits by hand and fenced by generation. */
export class KafkaConsumer implements Consumer {
  readonly #options: KafkaConsumerOptions
  readonly #consumer: KafkaJsConsumer
  readonly #admin: KafkaJsAdmin
  readonly #heartbeatMs: number
  #adminReady: Promise<void> | undefined
  #handler: ConsumerHandler | undefined
  #generation: Generation | undefined
  #ending: Promise<void> = Promise.resolve()
  #healthy = false
  #closed = false

  constructor(options: KafkaConsumerOptions) {
    this.#options = options
    const { group, sessionTimeoutMs = 15_000, maxFetchBytes = 8 * 2 ** 20 } = options
    this.#heartbeatMs = Math.floor(sessionTimeoutMs / 5)
    const client = kafkaClient(options, {
      requestTimeoutMs: 20_000,
      retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 10 },
    })
    this.#admin = client.admin()
    this.#consumer = client.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 2 * sessionTimeoutMs,
      heartbeatInterval: this.#heartbeatMs,
      maxBytes: maxFetchBytes,
      maxBytesPerPartition: maxFetchBytes,
      maxWaitTimeInMs: 200,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 3_000,
        retries: 10,
        // Whatever happened: the region needs its consumer, so it starts again until it is closed.
        restartOnFailure: async () => !this.#closed,
      },
    })
  }

  get healthy(): boolean {
    return this.#healthy
  }

  async run(handler: ConsumerHandler): Promise<void> {
    this.#handler = handler
    const { events } = this.#consumer
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment[this.#options.topic] ?? []))
    this.#consumer.on(events.REBALANCING, () => this.#end())
    this.#consumer.on(events.HEARTBEAT, () => this.#mark(true))
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#mark(false)
      this.#end()
      if (!payload.restart && !this.#closed) this.#revive()
    })
    await this.#start()
  }

  async #start(): Promise<void> {
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic: this.#options.topic, fromBeginning: true })
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => this.#batch(payload),
    })
  }

  /** kafkajs leaves a consumer lying after an error that it holds to be for ever; a region cannot. */
  #revive(): void {
    setTimeout(() => {
      if (this.#closed) return
      this.#start().catch((error: unknown) => {
        this.#options.log.warn('The consumer could not start again; trying once more.', { error })
        this.#revive()
      })
    }, 1_000)
  }

  #mark(healthy: boolean): void {
    this.#healthy = healthy
  }

  #joined(partitions: readonly number[]): void {
    this.#end()
    const { topic } = this.#options
    this.#consumer.resume([{ topic, partitions: [...partitions] }])
    const ended = new AbortController()
    const ready = this.#ending
      .then(() => this.committed(partitions))
      .then(async (committed) => {
        if (ended.signal.aborted) return
        const assignments = partitions.map((partition) => ({ partition, committed: committed.get(partition) }))
        await this.#handler!.assigned(assignments)
      })
    ready.catch(() => {})
    this.#generation = { partitions: new Set(partitions), ended, ready, commit: undefined }
    this.#mark(true)
  }

  /** Ends the generation at once for commits and records; the handler hears of it after it was told of the assignment. */
  #end(): Promise<void> {
    const generation = this.#generation
    if (generation === undefined) return this.#ending
    this.#generation = undefined
    generation.ended.abort(new BusError('FENCED', 'The group changed; the partitions were taken away.'))
    this.#ending = generation.ready
      .catch(() => {})
      .then(() => this.#handler!.revoked([...generation.partitions]))
      .catch((error: unknown) => this.#options.log.error('Letting go of partitions failed.', { error }))
    return this.#ending
  }

  async #batch({ batch, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> {
    const generation = this.#generation
    if (generation === undefined) throw new BusError('FENCED', 'Records came outside of a generation.')
    generation.commit = (offsets) => commitOffsetsIfNecessary(offsets)
    const records = batch.messages.map(
      ({ offset, key, value, timestamp }): ConsumedRecord => ({
        offset: BigInt(offset),
        key,
        value: value ?? Buffer.alloc(0),
        timestamp: Number(timestamp),
      }),
    )
    const work = generation.ready.then(() => {
      generation.ended.signal.throwIfAborted()
      return this.#handler!.records(batch.partition, records, generation.ended.signal)
    })
    let failed: unknown
    const timer = setInterval(() => {
      heartbeat().catch((error: unknown) => {
        failed ??= error
        this.#end()
      })
    }, this.#heartbeatMs)
    try {
      await work
    } finally {
      clearInterval(timer)
    }
    // Thrown only after the handler is done with the batch, so that two generations never work side by side.
    if (failed !== undefined) throw failed
  }

  async commit(partition: number, offset: bigint, metadata = ''): Promise<void> {
    // kafkajs takes on a new generation and tells of it in one run of microtasks; a macrotask later both are told.
    await macrotask()
    const generation = this.#generation
    if (!generation?.partitions.has(partition) || generation.commit === undefined)
      throw new BusError('FENCED', `Partition ${partition} is not ours now; its owner goes on from the last commit.`)
    const partitions = [{ partition, offset: offset.toString(), metadata }]
    try {
      await generation.commit({ topics: [{ topic: this.#options.topic, partitions }] })
    } catch (cause) {
      const { type } = cause as { type?: string }
      if (type !== undefined && fenced.has(type))
        throw new BusError('FENCED', `The commit for partition ${partition} came after a change of the group.`, { cause })
      throw new BusError('UNAVAILABLE', `The commit for partition ${partition} was not confirmed.`, { cause })
    }
  }

  async #asked(): Promise<KafkaJsAdmin> {
    this.#adminReady ??= this.#admin.connect()
    try {
      await this.#adminReady
    } catch (error) {
      this.#adminReady = undefined
      throw error
    }
    return this.#admin
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const admin = await this.#asked()
    const { group, topic } = this.#options
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic], resolveOffsets: false })
    return new Map(
      (found?.partitions ?? [])
        .filter(({ partition, offset }) => partitions.includes(partition) && BigInt(offset) >= 0n)
        .map(({ partition, offset, metadata }) => [partition, { offset: BigInt(offset), metadata: metadata ?? '' }]),
    )
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    const admin = await this.#asked()
    const offsets = await admin.fetchTopicOffsets(this.#options.topic)
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  }

  pause(partition: number): void {
    if (this.#generation?.partitions.has(partition))
      this.#consumer.pause([{ topic: this.#options.topic, partitions: [partition] }])
  }

  resume(partition: number): void {
    if (this.#generation?.partitions.has(partition))
      this.#consumer.resume([{ topic: this.#options.topic, partitions: [partition] }])
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#end()
    await this.#consumer.disconnect()
    await this.#admin.disconnect()
    this.#mark(false)
  }
}

import { setTimeout as delay, setImmediate as macrotask } from 'node:timers/promises'
import type { EachBatchPayload, Consumer as KafkaJsConsumer, OffsetsByTopicPartition } from 'kafkajs'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Committed, ConsumedRecord, Consumer, ConsumerHandler } from '../bus.ts'
import { BusError } from '../errors.ts'
import { type KafkaOptions, kafkaClient } from './client.ts'
import { GroupOffsets } from './offsets.ts'

export interface KafkaConsumerOptions extends KafkaOptions {
  readonly group: string
  readonly topic: TopicName
  /** A member that is silent this long loses its partitions. Default: 10 s. */
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

const revivePauseMs = 1_000
const fencing = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])
const isFenced = (error: unknown): boolean => fencing.has((error as { type?: string }).type ?? '')

/** Makes kafkajs join the group anew: it goes by the type of what a batch's handler throws. */
class Rejoin extends Error {
  readonly type = 'REBALANCE_IN_PROGRESS'
  constructor() {
    super('These records came after their partitions were taken away; joining the group again.')
  }
}

/** A member of a Kafka consumer group, on kafkajs: eager rebalances, commits by hand and fenced by generation. */
export class KafkaConsumer implements Consumer {
  readonly #options: KafkaConsumerOptions
  readonly #consumer: KafkaJsConsumer
  readonly #offsets: GroupOffsets
  readonly #heartbeatMs: number
  #handler: ConsumerHandler | undefined
  #generation: Generation | undefined
  #ending: Promise<void> = Promise.resolve()
  #healthy = false
  #closed = false

  constructor(options: KafkaConsumerOptions) {
    this.#options = options
    const { group, sessionTimeoutMs = 10_000, maxFetchBytes = 8 * 2 ** 20 } = options
    this.#heartbeatMs = Math.floor(sessionTimeoutMs / 5)
    const client = kafkaClient(options, {
      requestTimeoutMs: 20_000,
      retry: { initialRetryTime: 100, maxRetryTime: 3_000, retries: 10 },
    })
    this.#offsets = new GroupOffsets(client.admin(), group, options.topic)
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
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) =>
      this.#joined(payload.memberAssignment[this.#options.topic] ?? []),
    )
    this.#consumer.on(events.REBALANCING, () => this.#end())
    this.#consumer.on(events.HEARTBEAT, () => this.#mark(true))
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#mark(false)
      this.#end()
      if (!payload.restart) this.#revive(payload.error)
    })
    await this.#start().catch((error: unknown) => this.#revive(error))
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
  #revive(error: unknown): void {
    if (this.#closed) return
    this.#options.log.warn('The consumer does not run; starting it again.', { error })
    setTimeout(() => {
      if (!this.#closed) this.#start().catch((again: unknown) => this.#revive(again))
    }, revivePauseMs)
  }

  #mark(healthy: boolean): void {
    this.#healthy = healthy
  }

  #joined(partitions: readonly number[]): void {
    this.#end()
    const { topic } = this.#options
    this.#consumer.resume([{ topic, partitions: [...partitions] }])
    const ended = new AbortController()
    const ready = this.#ending.then(() => this.#introduce(partitions, ended.signal))
    ready.catch((error: unknown) => this.#options.log.error('Taking on partitions failed.', { error }))
    this.#generation = { partitions: new Set(partitions), ended, ready, commit: undefined }
    this.#mark(true)
  }

  /** Tells the handler where its partitions stand, as soon as the brokers say so. */
  async #introduce(partitions: readonly number[], ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      try {
        const committed = await this.committed(partitions)
        if (ended.aborted) return
        return await this.#handler!.assigned(
          partitions.map((partition) => ({ partition, committed: committed.get(partition) })),
        )
      } catch (error) {
        this.#options.log.warn('The commits of new partitions cannot be taken on; trying again.', { error })
        await delay(500, undefined, { signal: ended }).catch(() => {})
      }
    }
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
    if (generation === undefined) throw new Rejoin()
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
        // Brokers out of reach take nothing away yet; kafkajs goes on trying, and rejoins when it is told to.
        if (!isFenced(error)) return
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
      if (isFenced(cause))
        throw new BusError('FENCED', `The commit for partition ${partition} came after a change of the group.`, {
          cause,
        })
      throw new BusError('UNAVAILABLE', `The commit for partition ${partition} was not confirmed.`, { cause })
    }
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    return this.#offsets.committed(partitions)
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return this.#offsets.end()
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
    await this.#offsets.close()
    this.#mark(false)
  }
}

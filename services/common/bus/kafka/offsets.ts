import type { Admin as KafkaJsAdmin } from 'kafkajs'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Committed } from '../bus.ts'

/** What the brokers know of a group's progress in a topic. */
export class GroupOffsets {
  readonly #admin: KafkaJsAdmin
  readonly #group: string
  readonly #topic: TopicName
  #connected: Promise<void> | undefined

  constructor(admin: KafkaJsAdmin, group: string, topic: TopicName) {
    this.#admin = admin
    this.#group = group
    this.#topic = topic
  }

  async #ready(): Promise<KafkaJsAdmin> {
    this.#connected ??= this.#admin.connect()
    try {
      await this.#connected
    } catch (error) {
      this.#connected = undefined
      throw error
    }
    return this.#admin
  }

  /** The commits of the given partitions, without those that have none. */
  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const admin = await this.#ready()
    const [found] = await admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic], resolveOffsets: false })
    return new Map(
      (found?.partitions ?? [])
        .filter(({ partition, offset }) => partitions.includes(partition) && BigInt(offset) >= 0n)
        .map(({ partition, offset, metadata }) => [partition, { offset: BigInt(offset), metadata: metadata ?? '' }]),
    )
  }

  /** The offset after the newest record of every partition. */
  async end(): Promise<ReadonlyMap<number, bigint>> {
    const admin = await this.#ready()
    const offsets = await admin.fetchTopicOffsets(this.#topic)
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }
}

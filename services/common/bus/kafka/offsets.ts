import type { Admin as KafkaJsAdmin } from 'kafkajs'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Committed } from '../bus.ts'
import { AdminConnection } from './admin-connection.ts'

/** What the brokers know of a group's progress in a topic. */
export class GroupOffsets {
  readonly #admin: AdminConnection
  readonly #group: string
  readonly #topic: TopicName

  constructor(admin: KafkaJsAdmin, group: string, topic: TopicName) {
    this.#admin = new AdminConnection(admin)
    this.#group = group
    this.#topic = topic
  }

  /** The commits of the given partitions, without those that have none. */
  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const admin = await this.#admin.ready()
    const [found] = await admin.fetchOffsets({ groupId: this.#group, topics: [this.#topic], resolveOffsets: false })
    return new Map(
      (found?.partitions ?? [])
        .filter(({ partition, offset }) => partitions.includes(partition) && BigInt(offset) >= 0n)
        .map(({ partition, offset, metadata }) => [partition, { offset: BigInt(offset), metadata: metadata ?? '' }]),
    )
  }

  /** The offset after the newest record of every partition. */
  async end(): Promise<ReadonlyMap<number, bigint>> {
    const admin = await this.#admin.ready()
    const offsets = await admin.fetchTopicOffsets(this.#topic)
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  }

  async close(): Promise<void> {
    await this.#admin.close()
  }
}

import type { Admin, TopicDescription, TopicToCreate } from '../bus.ts'
import { AdminConnection } from './admin-connection.ts'
import { kafkaClient } from './client.ts'
import kafkajs from './kafkajs.ts'
import type { KafkaOptions } from './options.ts'

/** What is asked of the cluster itself: topics and their settings. */
export class KafkaAdmin implements Admin {
  readonly #admin: AdminConnection

  constructor(options: KafkaOptions) {
    const client = kafkaClient(options, { requestTimeoutMs: 15_000, retry: { initialRetryTime: 100, retries: 4 } })
    this.#admin = new AdminConnection(client.admin())
  }

  async brokers(): Promise<number> {
    const { brokers } = await (await this.#admin.ready()).describeCluster()
    return brokers.length
  }

  async describe(topics: readonly string[]): Promise<readonly TopicDescription[]> {
    const admin = await this.#admin.ready()
    const present = (await admin.listTopics()).filter((name) => topics.includes(name))
    if (present.length === 0) return []
    const { topics: found } = await admin.fetchTopicMetadata({ topics: present })
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: present.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    return found.map(({ name, partitions }) => ({
      name,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: Object.fromEntries(
        resources
          .filter(({ resourceName }) => resourceName === name)
          .flatMap(({ configEntries }) => configEntries.map((c) => [c.configName, c.configValue])),
      ),
    }))
  }

  async create(topics: readonly TopicToCreate[]): Promise<void> {
    const admin = await this.#admin.ready()
    await admin.createTopics({
      waitForLeaders: true,
      timeout: 15_000,
      topics: topics.map(({ name, partitions, replicas, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replicas,
        configEntries: entries(config),
      })),
    })
  }

  async configure(topic: string, config: Readonly<Record<string, string>>): Promise<void> {
    const admin = await this.#admin.ready()
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: entries(config) }],
    })
  }

  async close(): Promise<void> {
    await this.#admin.close()
  }
}

const entries = (config: Readonly<Record<string, string>>) =>
  Object.entries(config).map(([name, value]) => ({ name, value }))

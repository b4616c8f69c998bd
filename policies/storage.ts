import type { StoragePolicy, TopicPolicy } from './model/storage.ts'

/** The hot tier and the blocks it is filled with. */
export const storage = {
  hot: { database: 'siem', table: 'events', partitionBy: 'day', deduplicationWindow: 10_000 },
  block: { maxRows: 50_000, maxBytes: '32Mi', maxDelay: '1s' },
} as const satisfies StoragePolicy

/** Every Kafka topic of the platform. */
export const topics = {
  'events.raw': { partitioning: 'tenant', retention: '7d', maxRecord: '1Mi' },
  'events.dead-letter': { partitioning: 'single', retention: '30d', maxRecord: '1Mi' },
} as const satisfies Record<string, TopicPolicy>

export type TopicName = keyof typeof topics

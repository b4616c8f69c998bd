import type { BucketPolicy, StoragePolicy, TopicPolicy } from './model/storage.ts'

/** The hot tier and the blocks it is filled with. */
export const storage = {
  hot: { dataClass: 'events', database: 'siem', table: 'events', partitionBy: 'day', deduplicationWindow: 10_000 },
  block: { maxRows: 50_000, maxBytes: '32Mi', maxDelay: '2s' },
} as const satisfies StoragePolicy

/** Every Kafka topic of the platform. */
export const topics = {
  'events.raw': { dataClass: 'events', partitioning: 'tenant', retention: '7d', maxRecord: '1Mi' },
  'events.dead-letter': { dataClass: 'events', partitioning: 'single', retention: '30d', maxRecord: '1Mi' },
  /** What the correlation engine found, in the partition of the events that it is about. */
  alerts: { dataClass: 'events', partitioning: 'tenant', retention: '30d', maxRecord: '1Mi' },
  /** What the correlation engine remembers, by slot, in the partition of the slot's events. */
  'correlation.state': { dataClass: 'events', partitioning: 'tenant', cleanup: 'compact', maxRecord: '1Mi' },
  /** Which shard owns which slots. */
  'shards.map': { dataClass: 'events', partitioning: 'single', cleanup: 'compact', maxRecord: '1Mi' },
  /** Every question about all tenants, before it is answered. */
  'audit.queries': { dataClass: 'audit', partitioning: 'single', retention: '400d', maxRecord: '1Mi' },
  /** What each shard does about the moves of the map, and how busy its slots are. */
  'shards.reports': { dataClass: 'events', partitioning: 'single', cleanup: 'compact', maxRecord: '1Mi' },
} as const satisfies Record<string, TopicPolicy>

export type TopicName = keyof typeof topics

/** What lies in the object store of a region. */
export const buckets = {
  cold: { dataClass: 'events', cheaper: { after: '30d', storageClass: 'GLACIER_IR' }, replicated: true },
  audit: { dataClass: 'audit', replicated: true },
  models: { dataClass: 'models', replicated: true },
  /** What `BACKUP` of the hot tier writes: against a statement that was wrong in all regions at once. */
  backups: { dataClass: 'events', cheaper: { after: '30d', storageClass: 'GLACIER_IR' }, replicated: true },
} as const satisfies Record<string, BucketPolicy>

import type { Bytes, Duration } from './units.ts'

export interface StoragePolicy {
  /** The seed's first tier: where every event arrives, and is asked for while it is young. */
  readonly hot: {
    readonly database: string
    readonly table: string
    /** One ClickHouse partition, the unit that a tier move takes. */
    readonly partitionBy: 'day' | 'month'
    /** How many insert blocks the engine remembers for deduplication of a replay. */
    readonly deduplicationWindow: number
  }
  /** How the sink cuts the stream into blocks: whichever limit is met first. */
  readonly block: { readonly maxRows: number; readonly maxBytes: Bytes; readonly maxDelay: Duration }
}

export interface TopicPolicy {
  /** `tenant`: one partition per environment's `partitions`, by slot. `single`: one partition. */
  readonly partitioning: 'tenant' | 'single'
  /** How long Kafka keeps a record: the time that a sink may be down without losing anything. */
  readonly retention: Duration
  readonly maxRecord: Bytes
}

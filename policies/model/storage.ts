import { type Bytes, bytes, type Duration } from './units.ts'

export interface StoragePolicy {
  /** The seed's first tier: where every event arrives, and is asked for while it is young. */
  readonly hot: {
    readonly dataClass: string
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

/** One kind of object in S3. Nothing expires: only the ledger of the tier mover deletes. */
export interface BucketPolicy {
  readonly dataClass: string
  /** After so long an object costs less to keep and more to read. */
  readonly cheaper?: { readonly after: Duration; readonly storageClass: 'STANDARD_IA' | 'GLACIER_IR' }
  /** Whether every region that may hold the class gets a copy. */
  readonly replicated: boolean
}

interface AnyTopic {
  readonly dataClass: string
  /** `tenant`: one partition per environment's `partitions`, by slot. `single`: one partition. */
  readonly partitioning: 'tenant' | 'single'
  readonly maxRecord: Bytes
}

export type TopicPolicy = AnyTopic &
  (
    | {
        /** A record is dropped when it is old. Default. */
        readonly cleanup?: 'delete'
        /** How long Kafka keeps a record: the time that a sink may be down without losing anything. */
        readonly retention: Duration
      }
    | {
        /** The last record of each key stays, however old it is. */
        readonly cleanup: 'compact'
        readonly retention?: undefined
      }
  )

/** Of a row beside its event and the columns taken from it: tenant, batch, line, two times and the lengths of texts. */
const rowBytes = 256

/** The most bytes that a full block can be on its way into the hot tier: the columns taken from an event are at most as long as the event. */
export const largestInsert = ({ maxRows, maxBytes }: StoragePolicy['block']): number =>
  2 * bytes(maxBytes) + maxRows * rowBytes

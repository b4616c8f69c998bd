import type { Jurisdiction } from './region.ts'
import type { Bytes, Duration } from './units.ts'

/** What is promised for one kind of data. */
export interface DataClassPolicy {
  /** How much of what was acknowledged may be lost with a whole region: an acknowledgement is regional. A zone loses nothing. */
  readonly rpo: Duration
  /** Until it can be read again after a region is lost. */
  readonly rto: Duration
  /** Where copies may lie. */
  readonly jurisdictions: readonly Jurisdiction[]
  /** For so long nobody can delete it, the account's owner included. */
  readonly lock?: Duration
}

export interface ObjectivesPolicy {
  /** What a sender may rely on. */
  readonly ingest: {
    /** P99 of a request to the collector. Also the top bucket that must exist in its latency histogram. */
    readonly latencyP99: Duration
    /** Larger bodies, after decompression, are refused with 413. */
    readonly maxBody: Bytes
    readonly maxEvent: Bytes
    readonly maxEventsPerRequest: number
    /** A request that Kafka has not acknowledged by then gets 503 and is to be sent again with its batch id. */
    readonly ackTimeout: Duration
    /** Bytes accepted and not yet acknowledged by Kafka; beyond it the collector answers 503. */
    readonly maxInFlight: Bytes
  }
  readonly query: {
    readonly timeout: Duration
    readonly maxRows: number
  }
  /** The seed's performance targets: from the moment that load changes until the pods fit it. */
  readonly scaling: { readonly upWithin: Duration; readonly downWithin: Duration }
  readonly dataClasses: Readonly<Record<string, DataClassPolicy>>
  readonly monitoring: {
    /** How often Prometheus asks each pod. Whatever is measured over a window needs two of them. */
    readonly scrapeInterval: Duration
  }
}

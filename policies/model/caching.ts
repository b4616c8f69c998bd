import type { Duration } from './units.ts'

/** The seed's two cache levels in front of the database. An answer is never older than `l1.ttl`; while the hot tier is away, than `l2.ttl`. */
export interface CachingPolicy {
  /** In the process of the service. */
  readonly l1: { readonly ttl: Duration; readonly maxEntries: number }
  /** In Redis, shared by the replicas. Down means slower, never wrong. */
  readonly l2: { readonly ttl: Duration; readonly timeout: Duration }
  /** A question that was too expensive or too slow is not tried again for so long. */
  readonly refusals: { readonly ttl: Duration }
}

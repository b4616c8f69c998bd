import type { Duration } from './units.ts'

/** The seed's two cache levels in front of the database. */
export interface CachingPolicy {
  /** In the process of the service. */
  readonly l1: { readonly ttl: Duration; readonly maxEntries: number }
  /** In Redis, shared by the replicas. Down means slower, never wrong. */
  readonly l2: { readonly ttl: Duration; readonly timeout: Duration }
}

export interface ShardingPolicy {
  /** A power of two: a tenant's slot is its hash modulo this. Never changed once data exists. */
  readonly slots: number
  /** The stable hash of a tenant's name. Never changed once data exists. */
  readonly hash: 'murmur3-32'
  /** Shards of each environment: pods that correlate, each of them the slots that the map gives it. */
  readonly shards: Readonly<Record<string, number>>
}

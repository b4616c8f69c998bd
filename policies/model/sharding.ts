import type { Duration } from './units.ts'

/** How tenants of a class are placed, where the hash of their name alone does not do. */
export interface TenantClass {
  /** Parts that a tenant's events are split into by the second key. 1: not split. */
  readonly ways: number
  /** Shards that the parts are spread over: the tenant's shuffle shard. At most `ways`. */
  readonly width: number
  /** Nobody else's events are on these shards. */
  readonly alone: boolean
  /** The second key: names of fields, of which the first that an event has counts. An event without any is of part 0. */
  readonly by: readonly string[]
}

export interface ShardingPolicy {
  /** A power of two: a tenant's slot is its hash modulo this. Never changed once data exists. */
  readonly slots: number
  /** Slots behind the hashed ones, which the map gives to single tenants (isolated ones, parts of split ones). Never fewer once data exists. */
  readonly privateSlots: number
  /** The stable hash of a tenant's name. Never changed once data exists. */
  readonly hash: 'murmur3-32'
  /** Shards of each environment: pods that correlate, each of them the slots that the map gives it. */
  readonly shards: Readonly<Record<string, number>>
  /** The most that a shard carries, in multiples of its fair share by weight. More than 1. */
  readonly maxLoad: number
  readonly moves: {
    /** Slots on the move at once. */
    readonly inFlight: number
    /** How far the target may be behind the end of the partition when it takes over, in records. */
    readonly maxLag: number
    /** A move that has not reached its cutover by then is given up; the slot stays where it is. */
    readonly stalled: Duration
    /** How often a shard repeats what it reports while it has moves. */
    readonly report: Duration
  }
  readonly classes: Readonly<Record<string, TenantClass>>
}

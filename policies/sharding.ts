import type { ShardingPolicy } from './model/sharding.ts'

/** Tenant → slot → partition, and slot → shard. Slots and partitions are fixed for the life of an environment; shards are not. */
export const sharding = {
  slots: 4096,
  hash: 'murmur3-32',
  shards: { local: 2, staging: 4, prod: 8 },
} as const satisfies ShardingPolicy

import type { ShardingPolicy } from './model/sharding.ts'

/** Tenant → slot → partition. Slots and partitions are fixed for the life of an environment. */
export const sharding = {
  slots: 4096,
  hash: 'murmur3-32',
} as const satisfies ShardingPolicy

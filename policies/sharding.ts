import type { ShardingPolicy } from './model/sharding.ts'

/** Tenant → slot → partition, and slot → shard. Slots and partitions are fixed for the life of an environment; who owns a slot is the map's. */
export const sharding = {
  slots: 4096,
  privateSlots: 256,
  hash: 'murmur3-32',
  shards: { local: 2, staging: 4, prod: 8 },
  maxLoad: 1.1,
  moves: { inFlight: 64, maxLag: 64, stalled: '5m', report: '5s' },
  classes: {
    isolated: { ways: 1, width: 1, alone: true, by: [] },
    giant: { ways: 16, width: 4, alone: false, by: ['device.hostname', 'host', 'Computer', 'Hostname'] },
  },
} as const satisfies ShardingPolicy

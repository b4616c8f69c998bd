import { sharding } from '../../../policies/sharding.ts'
import { murmur3 } from './murmur3.ts'

const hashes = { 'murmur3-32': murmur3 } as const satisfies Record<typeof sharding.hash, (tenant: string) => number>
const hash = hashes[sharding.hash]

/** All slots: those that tenants are hashed to, and behind them the private ones that the map gives to single tenants. */
export const slotCount: number = sharding.slots + sharding.privateSlots

/** The slot of a tenant by its name alone: fixed for the life of the data. The map may say otherwise (see ShardMap.slotOf). */
export const slotOf = (tenant: string): number => hash(tenant) % sharding.slots

/** Whether the map gives this slot to one tenant alone. */
export const isPrivate = (slot: number): boolean => slot >= sharding.slots

/** Which of `ways` parts a second key belongs to. */
export const partOf = (key: string, ways: number): number => hash(key) % ways

/** The partition that carries a slot, where a topic has `partitions` of them. */
export const partitionOf = (slot: number, partitions: number): number => slot % partitions

/** A slot as a Kafka key: four bytes, big endian. */
export function slotKey(slot: number): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32BE(slot)
  return key
}

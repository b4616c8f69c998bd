import { sharding } from '../../../policies/sharding.ts'
import { murmur3 } from './murmur3.ts'

const hashes = { 'murmur3-32': murmur3 } as const satisfies Record<typeof sharding.hash, (tenant: string) => number>
const hash = hashes[sharding.hash]

/** The slot of a tenant: fixed for the life of the data. */
export const slotOf = (tenant: string): number => hash(tenant) % sharding.slots

/** The partition that carries a slot, where a topic has `partitions` of them. */
export const partitionOf = (slot: number, partitions: number): number => slot % partitions

/** A slot as a Kafka key: four bytes, big endian. */
export function slotKey(slot: number): Buffer {
  const key = Buffer.alloc(4)
  key.writeUInt32BE(slot)
  return key
}

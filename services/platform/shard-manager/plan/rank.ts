import type { Shard } from '../../../common/sharding/map.ts'
import { murmur3 } from '../../../common/sharding/murmur3.ts'

/**
 * Shards by how much a key wants them, the most first: weighted rendezvous hashing. A shard is first for its share (by weight) of all keys, and a
 * change of one shard changes the order of the others for no key. Shards of weight 0 are left out.
 * @see https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
export function rank(key: string, shards: readonly Shard[]): readonly Shard[] {
  const score = ({ id, weight }: Shard) => -weight / Math.log((murmur3(`${key}\u0000${id}`) + 0.5) / 2 ** 32)
  return shards
    .filter(({ weight }) => weight > 0)
    .map((shard) => ({ shard, score: score(shard) }))
    .sort((a, b) => b.score - a.score || a.shard.id - b.shard.id)
    .map(({ shard }) => shard)
}

/** A tenant's shuffle shard: the `width` shards that it wants most. Two tenants of N equal shards share all of them once in C(N, width). */
export const shuffleShard = (tenant: string, shards: readonly Shard[], width: number): readonly Shard[] =>
  rank(`tenant/${tenant}`, shards).slice(0, width)

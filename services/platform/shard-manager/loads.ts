import { type MapContent, nobody } from '../../common/sharding/map.ts'
import { partitionOf } from '../../common/sharding/slot.ts'

/** A part of every slot's load that is there without events: state, snapshots, tenants that begin to send. In shares of the mean. */
const idle = 0.1

/** What a slot carries, in multiples of the mean of the slots in use; 1 for all while nobody has measured anything. */
export function loadsOf(
  { owners }: Pick<MapContent, 'owners'>,
  rates: ReadonlyMap<number, number>,
): (slot: number) => number {
  const used = owners.reduce((count, owner) => count + (owner === nobody ? 0 : 1), 0)
  let total = 0
  for (const rate of rates.values()) total += rate
  if (total <= 0 || used === 0) return () => 1
  return (slot) => idle + ((1 - idle) * (rates.get(slot) ?? 0) * used) / total
}

export interface ShardLoad {
  readonly shard: number
  readonly weight: number
  /** Of everything, 0 to 1. */
  readonly load: number
  /** What it should carry by its weight, 0 to 1. */
  readonly fair: number
  readonly slots: number
  /** Partitions that it reads. */
  readonly partitions: number
}

/** What each shard carries under these owners. */
export function shardLoads(
  { shards, partitions }: Pick<MapContent, 'shards' | 'partitions'>,
  owners: Uint16Array,
  loadOf: (slot: number) => number,
): readonly ShardLoad[] {
  const rows = new Map(shards.map(({ id }) => [id, { load: 0, slots: 0, reads: new Set<number>() }]))
  let total = 0
  for (const [slot, owner] of owners.entries()) {
    const row = rows.get(owner)
    if (row === undefined) continue
    const load = loadOf(slot)
    total += load
    row.load += load
    row.slots++
    row.reads.add(partitionOf(slot, partitions))
  }
  const weights = shards.reduce((sum, { weight }) => sum + weight, 0)
  return shards.map(({ id, weight }) => {
    const { load, slots, reads } = rows.get(id)!
    return {
      shard: id,
      weight,
      load: total === 0 ? 0 : load / total,
      fair: weights === 0 ? 0 : weight / weights,
      slots,
      partitions: reads.size,
    }
  })
}

/** The most that a shard carries, in multiples of its fair share; 1 is even. */
export const imbalance = (loads: readonly ShardLoad[]): number =>
  Math.max(1, ...loads.map(({ load, fair }) => (fair > 0 ? load / fair : load > 0 ? Number.POSITIVE_INFINITY : 1)))

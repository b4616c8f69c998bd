import { nobody, type Shard } from '../../../common/sharding/map.ts'
import { partitionOf } from '../../../common/sharding/slot.ts'
import { rank } from './rank.ts'

export interface AssignmentOptions {
  readonly partitions: number
  /** Shards that may take slots which are free to move. */
  readonly open: readonly Shard[]
  readonly owners: Uint16Array
  readonly loadOf: (slot: number) => number
  /** The most that a shard carries, in multiples of its fair share. */
  readonly maxLoad: number
}

/** Which shard has which slots while a plan is being made, and how much each carries. */
export class Assignment {
  readonly owners: Uint16Array
  readonly #options: AssignmentOptions
  readonly #loads = new Map<number, number>()
  readonly #fair: ReadonlyMap<number, number>
  readonly #ranks = new Map<number, readonly Shard[]>()
  /** Free slots by shard and partition. */
  readonly #groups = new Map<number, Map<number, Set<number>>>()

  constructor(options: AssignmentOptions, total: number) {
    this.#options = options
    this.owners = Uint16Array.from(options.owners)
    const weights = options.open.reduce((sum, { weight }) => sum + weight, 0)
    this.#fair = new Map(options.open.map(({ id, weight }) => [id, (total * weight) / weights]))
  }

  get open(): readonly Shard[] {
    return this.#options.open
  }

  loadOf(slot: number): number {
    return this.#options.loadOf(slot)
  }

  load(shard: number): number {
    return this.#loads.get(shard) ?? 0
  }

  /** A shard's share of all that the open shards carry. */
  fair(shard: number): number {
    return this.#fair.get(shard) ?? 0
  }

  /** The most that it may carry. */
  cap(shard: number): number {
    return this.fair(shard) * this.#options.maxLoad
  }

  /** As much below its fair share as the cap is above: with less it takes slots from others. */
  floor(shard: number): number {
    return this.fair(shard) * Math.max(0, 2 - this.#options.maxLoad)
  }

  /** Open shards by how much a partition's slots want them. */
  ranking(partition: number): readonly Shard[] {
    const known = this.#ranks.get(partition) ?? rank(`partition/${partition}`, this.#options.open)
    this.#ranks.set(partition, known)
    return known
  }

  /** Gives a slot to a shard. `free`: it may be moved on for balance. */
  give(slot: number, shard: number, free: boolean): void {
    const before = this.owners[slot]!
    const partition = partitionOf(slot, this.#options.partitions)
    if (before !== nobody && this.#groups.get(before)?.get(partition)?.delete(slot))
      this.#loads.set(before, this.load(before) - this.loadOf(slot))
    this.owners[slot] = shard
    this.#loads.set(shard, this.load(shard) + this.loadOf(slot))
    if (free) this.#group(shard, partition).add(slot)
  }

  /** The free slots of a shard by partition. */
  groups(shard: number): ReadonlyMap<number, ReadonlySet<number>> {
    return this.#groups.get(shard) ?? new Map()
  }

  sizeOf(slots: Iterable<number>): number {
    let size = 0
    for (const slot of slots) size += this.loadOf(slot)
    return size
  }

  #group(shard: number, partition: number): Set<number> {
    const partitions = this.#groups.get(shard) ?? new Map<number, Set<number>>()
    this.#groups.set(shard, partitions)
    const slots = partitions.get(partition) ?? new Set<number>()
    partitions.set(partition, slots)
    return slots
  }
}

import { type MapContent, nobody, type Placement, type Shard } from '../../common/sharding/map.ts'
import { isPrivate, partitionOf, slotCount } from '../../common/sharding/slot.ts'
import { successor } from './advance.ts'

export interface Actor {
  readonly cause: string
  readonly actor: string
  readonly at: number
}

/** A map before its first version: nobody owns anything. */
export const emptyMap = (partitions: number, shards: readonly Shard[]): MapContent => ({
  version: 0,
  at: 0,
  partitions,
  shards,
  owners: new Uint16Array(slotCount).fill(nobody),
  epochs: new Uint32Array(slotCount),
  begins: new Map(),
  placements: [],
  usedSince: new Map(),
  moves: [],
  history: [],
})

/** What a change wants of the map, as decided by a plan. */
export interface Wanted {
  readonly shards: readonly Shard[]
  readonly placements: readonly Placement[]
  readonly owners: Uint16Array
}

/** Slots that change hands, those of one partition after each other. */
export function movesOf(map: MapContent, wanted: Uint16Array): readonly (readonly [slot: number, to: number])[] {
  const moves: (readonly [number, number])[] = []
  for (let slot = 0; slot < slotCount; slot++) {
    const owner = map.owners[slot]!
    if (owner !== nobody && wanted[slot] !== owner) moves.push([slot, wanted[slot]!])
  }
  return moves.toSorted(
    ([a, to], [b, other]) => partitionOf(a, map.partitions) - partitionOf(b, map.partitions) || to - other || a - b,
  )
}

/**
 * The version that begins a change: slots without an owner get theirs at once, the others wait for their moves. `ends`: the ends of the
 * partitions, from a moment when the new slots had no records yet.
 */
export function begin(
  map: MapContent,
  wanted: Wanted,
  ends: ReadonlyMap<number, bigint>,
  { cause, actor, at }: Actor,
): MapContent {
  const version = map.version + 1
  const owners = Uint16Array.from(map.owners)
  const epochs = Uint32Array.from(map.epochs)
  const begins = new Map(map.begins)
  for (let slot = 0; slot < slotCount; slot++) {
    if (owners[slot] !== nobody || wanted.owners[slot] === nobody) continue
    owners[slot] = wanted.owners[slot]!
    epochs[slot]!++
    if (isPrivate(slot)) begins.set(slot, ends.get(partitionOf(slot, map.partitions)) ?? 0n)
  }
  const waiting = movesOf(map, wanted.owners)
  const old = new Set(map.placements.map(({ tenant, since }) => `${since} ${tenant}`))
  const placements = wanted.placements.map((p) =>
    old.has(`${p.since} ${p.tenant}`) ? p : { ...p, since: version, active: false },
  )
  const rebalance = {
    id: `r${version}`,
    cause,
    actor,
    started: at,
    total: waiting.length,
    done: 0,
    aborted: 0,
    waiting,
    aborting: false,
  }
  return successor(map, at, { shards: wanted.shards, owners, epochs, begins, placements, rebalance })
}

/** The version that gives a rebalance up; undefined: there is nothing to give up. */
export const abort = (map: MapContent, at: number): MapContent | undefined =>
  map.rebalance === undefined || map.rebalance.aborting
    ? undefined
    : successor(map, at, { rebalance: { ...map.rebalance, aborting: true } })

/** The shards that an environment has now; those that it had before stay without weight for as long as they own slots. */
export function shardsFor(map: MapContent, count: number, region: string): readonly Shard[] {
  const owning = new Set([...map.owners].filter((owner) => owner !== nobody))
  for (const { from, to } of map.moves) owning.add(from).add(to)
  const kept = map.shards.flatMap((shard) => {
    if (shard.id < count) return [shard]
    return owning.has(shard.id) ? [{ ...shard, weight: 0 }] : []
  })
  const known = new Set(kept.map(({ id }) => id))
  const fresh = Array.from({ length: count }, (_, id) => ({ id, region, weight: 1 })).filter(({ id }) => !known.has(id))
  return [...kept, ...fresh].toSorted((a, b) => a.id - b.id)
}

/** Private slots for a tenant's parts: never used ones first, then those whose tenant has been released. Undefined: there are too few. */
export function freeSlots({ owners, placements }: MapContent, count: number): readonly number[] | undefined {
  const taken = new Set(placements.flatMap(({ slots }) => slots))
  const free = Array.from({ length: slotCount }, (_, slot) => slot).filter(
    (slot) => isPrivate(slot) && !taken.has(slot),
  )
  const found = free.toSorted((a, b) => Number(owners[a] !== nobody) - Number(owners[b] !== nobody)).slice(0, count)
  return found.length < count ? undefined : found
}

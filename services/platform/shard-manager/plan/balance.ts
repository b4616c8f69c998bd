import type { Shard } from '../../../common/sharding/map.ts'
import type { Assignment } from './assignment.ts'

/** Loads are sums of many small numbers. */
const tiny = 1e-9

interface Unit {
  readonly partition: number
  readonly slots: readonly number[]
  readonly from: number
  readonly to: number
}

/** Finds a home for slots of one partition that have none: together where there is room, else one by one, the wanted shards first. */
export function house(it: Assignment, partition: number, slots: readonly number[]): void {
  const ranking = it.ranking(partition)
  const size = it.sizeOf(slots)
  const roomy = ranking.find(({ id }) => it.load(id) + size <= it.cap(id) + tiny)
  for (const slot of slots) {
    const home =
      roomy ??
      ranking.find(({ id }) => it.load(id) + it.loadOf(slot) <= it.cap(id) + tiny) ??
      ranking.toSorted((a, b) => it.load(a.id) / it.fair(a.id) - it.load(b.id) / it.fair(b.id))[0]!
    it.give(slot, home.id, true)
  }
}

/**
 * Moves as little as brings every open shard between its floor and its cap, as far as whole slots allow. Whole partitions first, since a
 * shard reads every partition of which it has a slot; then single slots.
 */
export function balance(it: Assignment): void {
  for (const { id } of it.open)
    while (it.load(id) > it.cap(id) + tiny && apply(it, groupFrom(it, id) ?? slotFrom(it, id)));
  for (const { id } of it.open)
    while (it.load(id) < it.floor(id) - tiny && apply(it, groupTo(it, id) ?? slotTo(it, id)));
}

function apply(it: Assignment, unit: Unit | undefined): boolean {
  if (unit === undefined) return false
  for (const slot of unit.slots) it.give(slot, unit.to, true)
  return true
}

const fits = (it: Assignment, { from, to }: Pick<Unit, 'from' | 'to'>, size: number): boolean =>
  from !== to && it.load(to) + size <= it.cap(to) + tiny

/** How much a partition would rather be on the one shard than on the other: negative is more. */
const preference = (it: Assignment, partition: number, { from, to }: Pick<Unit, 'from' | 'to'>): number => {
  const place = (shard: number) => it.ranking(partition).findIndex(({ id }) => id === shard)
  return place(to) - place(from)
}

/** The units in the order of `cost`; of equal ones the first. */
function best<T extends Unit>(units: Iterable<T>, cost: (unit: T) => number): T | undefined {
  let found: { readonly unit: T; readonly cost: number } | undefined
  for (const unit of units) {
    const is = cost(unit)
    if (found === undefined || is < found.cost) found = { unit, cost: is }
  }
  return found?.unit
}

/** Whole groups that may go from one shard to another so that neither leaves its bounds. */
function* groupsBetween(it: Assignment, from: number, to: number): Generator<Unit> {
  for (const [partition, slots] of it.groups(from)) {
    const size = it.sizeOf(slots)
    if (slots.size > 0 && fits(it, { from, to }, size) && it.load(from) - size >= it.floor(from) - tiny)
      yield { partition, slots: [...slots], from, to }
  }
}

const others = (it: Assignment, shard: number): readonly Shard[] => it.open.filter(({ id }) => id !== shard)

const groupFrom = (it: Assignment, from: number): Unit | undefined =>
  best(
    others(it, from).flatMap(({ id }) => [...groupsBetween(it, from, id)]),
    (unit) => preference(it, unit.partition, unit),
  )

const groupTo = (it: Assignment, to: number): Unit | undefined =>
  best(
    others(it, to).flatMap(({ id }) => [...groupsBetween(it, id, to)]),
    (unit) => preference(it, unit.partition, unit),
  )

/** The lightest slot of a group, which leaves the finest choice. */
const lightest = (it: Assignment, slots: Iterable<number>): number | undefined => {
  let found: number | undefined
  for (const slot of slots) if (found === undefined || it.loadOf(slot) < it.loadOf(found)) found = slot
  return found
}

/** Partitions that both read already are split further before others are. */
const splitCost = (it: Assignment, unit: Unit): number =>
  ((it.groups(unit.to).get(unit.partition)?.size ?? 0) > 0 ? 0 : 1_000) + preference(it, unit.partition, unit)

function slotFrom(it: Assignment, from: number): Unit | undefined {
  const units = others(it, from).flatMap(({ id: to }) =>
    [...it.groups(from)].flatMap(([partition, slots]) => {
      const slot = lightest(it, slots)
      return slot !== undefined && fits(it, { from, to }, it.loadOf(slot))
        ? [{ partition, slots: [slot], from, to }]
        : []
    }),
  )
  return best(units, (unit) => splitCost(it, unit))
}

function slotTo(it: Assignment, to: number): Unit | undefined {
  const units = others(it, to).flatMap(({ id: from }) =>
    [...it.groups(from)].flatMap(([partition, slots]) => {
      const slot = lightest(it, slots)
      if (slot === undefined) return []
      const size = it.loadOf(slot)
      // From whoever stays above what it leaves the taker with: else the slot would only change places.
      const useful = it.load(from) - size >= Math.max(it.floor(from), 0) - tiny
      return useful && fits(it, { from, to }, size) ? [{ partition, slots: [slot], from, to }] : []
    }),
  )
  return best(units, (unit) => splitCost(it, unit))
}

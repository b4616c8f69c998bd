import { isCut, type MapContent, nobody, phases, replacedTenants } from './map.ts'
import { isPrivate, slotCount } from './slot.ts'

const isIndex = (value: number, end: number): boolean => Number.isInteger(value) && value >= 0 && value < end

/** What is wrong with a version by itself: an owner for every tenant, one slot for one tenant part, moves that fit. Empty: nothing. */
export function faults(map: MapContent): readonly string[] {
  const found: string[] = []
  const { version, partitions, owners, epochs } = map
  if (!Number.isSafeInteger(version) || version < 1) found.push(`version ${version} is not a count`)
  if (!isIndex(partitions - 1, slotCount)) found.push(`${partitions} partitions`)
  const shards = new Set(map.shards.map(({ id }) => id))
  if (shards.size !== map.shards.length) found.push('a shard is listed twice')
  for (const { id, weight } of map.shards)
    if (!isIndex(id, nobody) || !(weight >= 0)) found.push(`shard ${id} of weight ${weight}`)
  if (owners.length !== slotCount || epochs.length !== slotCount) return [...found, 'not every slot is listed']
  for (let slot = 0; slot < slotCount; slot++) {
    const owner = owners[slot]!
    if (owner === nobody ? !isPrivate(slot) : !shards.has(owner)) found.push(`slot ${slot} has no owner that exists`)
    if (owner !== nobody && epochs[slot] === 0) found.push(`slot ${slot} has an owner and no epoch`)
  }
  for (const [tenant, since] of map.usedSince)
    if (!isIndex(since - 1, version)) found.push(`tenant '${tenant}' is placed since version ${since}`)
  return [...found, ...placementFaults(map), ...moveFaults(map, shards)]
}

function placementFaults({ placements, owners }: MapContent): readonly string[] {
  const found: string[] = []
  const used = new Set<number>()
  const tenants = new Set<string>()
  for (const { tenant, slots } of placements) {
    if (tenants.has(tenant)) found.push(`tenant '${tenant}' is placed twice`)
    tenants.add(tenant)
    if (slots.length === 0) found.push(`tenant '${tenant}' is placed nowhere`)
    for (const slot of slots) {
      if (!isIndex(slot, slotCount) || !isPrivate(slot)) found.push(`tenant '${tenant}' has slot ${slot}, not private`)
      else if (owners[slot] === nobody) found.push(`tenant '${tenant}' has slot ${slot}, which nobody owns`)
      if (used.has(slot)) found.push(`slot ${slot} is given twice`)
      used.add(slot)
    }
  }
  return found
}

function moveFaults({ moves, owners }: MapContent, shards: ReadonlySet<number>): readonly string[] {
  const found: string[] = []
  const moving = new Set<number>()
  for (const { id, slot, from, to, phase, cut } of moves) {
    if (!isIndex(slot, slotCount)) found.push(`move ${id} of slot ${slot}`)
    if (moving.has(slot)) found.push(`slot ${slot} moves twice`)
    moving.add(slot)
    if (from === to || !shards.has(from) || !shards.has(to)) found.push(`move ${id} from ${from} to ${to}`)
    if (!phases.includes(phase)) found.push(`move ${id} in phase '${phase}'`)
    if (owners[slot] !== (isCut(phase) ? to : from))
      found.push(`move ${id} in ${phase}, slot ${slot} of ${owners[slot]}`)
    if ((cut !== undefined) !== (phase === 'drain'))
      found.push(`move ${id} in ${phase} ${cut ? 'with' : 'without'} cut`)
  }
  return found
}

/**
 * What is wrong with a version as the successor of another. Ownership changes in one way alone: the version that cuts a move over gives the
 * slot to its target and counts its epoch up by one, after a version that had the move in catch-up. So no slot has two owners in one epoch. A version
 * that places a tenant's events elsewhere says so (`usedSince`): sinks go by it (docs/hot-tier.md).
 */
export function breaches(before: MapContent, after: MapContent): readonly string[] {
  const found: string[] = []
  if (after.version !== before.version + 1) found.push(`version ${after.version} after ${before.version}`)
  if (after.partitions !== before.partitions) found.push(`${after.partitions} partitions after ${before.partitions}`)
  const was = new Map(before.moves.map((move) => [move.slot, move]))
  const is = new Map(after.moves.map((move) => [move.slot, move]))
  for (let slot = 0; slot < slotCount; slot++) {
    const [old, owner] = [before.owners[slot]!, after.owners[slot]!]
    const grown = after.epochs[slot]! - before.epochs[slot]!
    if (old === owner) {
      if (grown !== 0) found.push(`slot ${slot} keeps its owner and changes its epoch by ${grown}`)
      continue
    }
    if (grown !== 1) found.push(`slot ${slot} changes its owner and its epoch by ${grown}`)
    if (old === nobody) continue
    const [prepared, cut] = [was.get(slot), is.get(slot)]
    if (prepared?.phase !== 'catch-up' || cut?.phase !== 'cutover' || prepared.id !== cut.id || cut.to !== owner)
      found.push(`slot ${slot} goes from ${old} to ${owner} without a move that was caught up`)
  }
  const replaced = new Set(replacedTenants(before, after))
  for (const tenant of new Set([...replaced, ...before.usedSince.keys(), ...after.usedSince.keys()])) {
    const since = replaced.has(tenant) ? after.version : before.usedSince.get(tenant)
    if (after.usedSince.get(tenant) !== since)
      found.push(`tenant '${tenant}' is placed since ${after.usedSince.get(tenant)} instead of ${since}`)
  }
  for (const move of before.moves)
    if (move.phase === 'cutover' && is.get(move.slot)?.id !== move.id)
      found.push(`move ${move.id} ends before its drain`)
  return found
}

import { sharding } from '../../../policies/sharding.ts'
import { type MapContent, nobody, type Placement, replacedTenants } from './map.ts'
import { slotCount } from './slot.ts'

/** A first version for tests: hashed slots alternate between shards of equal weight, and no private slot is in use. */
export function exampleMap(shards = 2, more: Partial<MapContent> = {}): MapContent {
  const owners = Uint16Array.from({ length: slotCount }, (_, slot) => (slot < sharding.slots ? slot % shards : nobody))
  return {
    version: 1,
    at: 0,
    partitions: 8,
    shards: Array.from({ length: shards }, (_, id) => ({ id, region: 'local', weight: 1 })),
    owners,
    epochs: Uint32Array.from(owners, (owner) => (owner === nobody ? 0 : 1)),
    begins: new Map(),
    placements: [],
    usedSince: new Map(),
    moves: [],
    history: [],
    ...more,
  }
}

/** The same with one slot's owner and epoch set. */
export function withOwner(map: MapContent, slot: number, owner: number, epoch: number): MapContent {
  const owners = Uint16Array.from(map.owners)
  const epochs = Uint32Array.from(map.epochs)
  owners[slot] = owner
  epochs[slot] = epoch
  return { ...map, owners, epochs }
}

/** The next version: a tenant's events go to these private slots of shard 0, split by host; to the slot of its name where there are none. */
export function replaced(map: MapContent, tenant: string, slots: readonly number[]): MapContent {
  const version = map.version + 1
  const fresh = slots.filter((slot) => map.owners[slot] === nobody)
  const owned = fresh.reduce((made, slot) => withOwner(made, slot, 0, 1), map)
  const others = map.placements.filter((placement) => placement.tenant !== tenant)
  const placed: Placement = { tenant, class: 'giant', slots, by: ['host'], active: true, since: version }
  const placements = slots.length > 0 ? [...others, placed] : others
  const since = replacedTenants(map, { placements }).map((name) => [name, version] as const)
  return { ...owned, version, placements, usedSince: new Map([...map.usedSince, ...since]) }
}

/** The same with a tenant in private slots of shard 0: alone in one, or split over several by `by`; `used` since that version. */
export function placedMap(
  placement: Pick<Placement, 'tenant' | 'slots'> & Partial<Placement>,
  used?: number,
): MapContent {
  const placed = { class: 'giant', by: ['host'], active: true, since: 1, ...placement }
  const map = placed.slots.reduce((made, slot) => withOwner(made, slot, 0, 1), exampleMap())
  return {
    ...map,
    ...(used === undefined ? {} : { version: used, usedSince: new Map([[placed.tenant, used]]) }),
    placements: [placed],
    begins: new Map(placed.slots.map((slot) => [slot, 0n])),
  }
}

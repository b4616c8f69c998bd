import { type ShardMap, slotIn } from '../sharding/map.ts'
import { slotOf } from '../sharding/slot.ts'
import { EventFields } from './event-fields.ts'

/** The slot of all events of a request, or of each by its bytes. */
export type Place = number | ((event: Buffer) => number)

/** Where a tenant's events go, and the version of the map since which that is so (see ShardMap.usedSince). */
export interface TenantPlace {
  readonly place: Place
  readonly since: number
}

/** Where the events of tenants go, by the newest shard map that is known; without one by the tenant's name. */
export class Placing {
  readonly #maps: { readonly current: ShardMap | undefined }
  /** By the list of names, which is the placement's own. */
  readonly #readers = new WeakMap<readonly string[], EventFields>()

  constructor(maps: { readonly current: ShardMap | undefined }) {
    this.#maps = maps
  }

  /** One look-up for a request, however many events it has: they are all placed by one version. Only a split tenant's events are looked into. */
  of(tenant: string): TenantPlace {
    const map = this.#maps.current
    const since = map?.usedSince(tenant) ?? 0
    const placement = map?.placementOf(tenant)
    if (placement === undefined) return { place: slotOf(tenant), since }
    const { slots, by } = placement
    if (slots.length === 1) return { place: slots[0]!, since }
    const fields = this.#reader(by)
    const place = (event: Buffer) => {
      fields.read(event)
      return slotIn(placement, fields.field)
    }
    return { place, since }
  }

  #reader(by: readonly string[]): EventFields {
    const known = this.#readers.get(by)
    if (known) return known
    const fields = new EventFields(by)
    this.#readers.set(by, fields)
    return fields
  }
}

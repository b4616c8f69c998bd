import { type ShardMap, slotIn } from '../../common/sharding/map.ts'
import { slotOf } from '../../common/sharding/slot.ts'
import { EventFields } from './event-fields.ts'

/** The slot of all events of a request, or of each by its bytes. */
export type Place = number | ((event: Buffer) => number)

/** Where the events of tenants go, by the newest shard map that is known; without one by the tenant's name. */
export class Placing {
  readonly #maps: { readonly current: ShardMap | undefined }
  /** By the list of names, which is the placement's own. */
  readonly #readers = new WeakMap<readonly string[], EventFields>()

  constructor(maps: { readonly current: ShardMap | undefined }) {
    this.#maps = maps
  }

  /** One look-up for a request, however many events it has: they are all placed by one version. Only a split tenant's events are looked into. */
  of(tenant: string): Place {
    const placement = this.#maps.current?.placementOf(tenant)
    if (placement === undefined) return slotOf(tenant)
    const { slots, by } = placement
    if (slots.length === 1) return slots[0]!
    const fields = this.#reader(by)
    return (event) => {
      fields.read(event)
      return slotIn(placement, fields.field)
    }
  }

  #reader(by: readonly string[]): EventFields {
    const known = this.#readers.get(by)
    if (known) return known
    const fields = new EventFields(by)
    this.#readers.set(by, fields)
    return fields
  }
}

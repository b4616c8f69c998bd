import { isPrivate, partOf, slotCount, slotOf } from './slot.ts'

/** A correlation engine (an ordinal of its StatefulSet) that holds the state of its slots. */
export interface Shard {
  readonly id: number
  readonly region: string
  /** Its share of the load, against the others'. 0: it gives away what it has. */
  readonly weight: number
}

/** The steps of a move. From `cutover` on the slot is the target's and there is no way back but another move. */
export const phases = ['prepare', 'copy', 'catch-up', 'cutover', 'drain'] as const
export type Phase = (typeof phases)[number]

/** Whether the slot is the target's already. */
export const isCut = (phase: Phase): boolean => phase === 'cutover' || phase === 'drain'

/** A slot on its way from one shard to another. */
export interface Move {
  /** Unique for ever. */
  readonly id: string
  readonly slot: number
  readonly from: number
  readonly to: number
  readonly phase: Phase
  /** The version that began the phase; reports by shards that have seen an older one say nothing about it. */
  readonly since: number
  /** When the phase began, milliseconds since the epoch. */
  readonly at: number
  /** Drain only: the offset from which the target owns, as the old owner chose it. */
  readonly cut?: bigint
}

/** A tenant that has slots of its own. */
export interface Placement {
  readonly tenant: string
  readonly class: string
  /** Private slots, one per part. */
  readonly slots: readonly number[]
  /** The second key: names of fields, the first that an event has counts. */
  readonly by: readonly string[]
  /** Only shards of this region may own the slots. */
  readonly region?: string
  /** Whether collectors use it: only after the owners of all its slots read them. */
  readonly active: boolean
  /** The version that gave the slots. */
  readonly since: number
}

/** A rebalance that is not over: what waits for a place among the moves in flight. */
export interface Rebalance {
  readonly id: string
  readonly cause: string
  /** Who asked for it. */
  readonly actor: string
  readonly started: number
  readonly total: number
  readonly done: number
  readonly aborted: number
  readonly waiting: readonly (readonly [slot: number, to: number])[]
  /** Somebody gave it up: only what is cut already goes on. */
  readonly aborting: boolean
}

/** Something that was done to the map, as `history` tells it. */
export interface PastChange {
  readonly id: string
  readonly cause: string
  readonly actor: string
  readonly started: number
  readonly ended: number
  readonly moved: number
  readonly outcome: 'done' | 'aborted'
  /** The version that ended it. */
  readonly version: number
}

/** In `owners`: nobody. */
export const nobody = 0xffff

/** What a version of the map says. */
export interface MapContent {
  readonly version: number
  /** When it was made, milliseconds since the epoch. */
  readonly at: number
  /** Of the topics that carry slots. */
  readonly partitions: number
  readonly shards: readonly Shard[]
  /** Shard by slot. */
  readonly owners: Uint16Array
  /** How often each slot has changed its owner, counted from 1; 0: never owned. */
  readonly epochs: Uint32Array
  /** Where private slots begin: no record of theirs has a smaller offset. */
  readonly begins: ReadonlyMap<number, bigint>
  readonly placements: readonly Placement[]
  /** By tenant, of those whose placement ever changed: the version from which on collectors use the one that they use now. */
  readonly usedSince: ReadonlyMap<string, number>
  readonly moves: readonly Move[]
  readonly rebalance?: Rebalance
  readonly history: readonly PastChange[]
}

/** The placements that collectors use. */
const usedPlacements = ({ placements }: Pick<MapContent, 'placements'>): readonly Placement[] =>
  placements.filter(({ active }) => active)

/** The tenants whose events go elsewhere under `after` than under `before`. */
export function replacedTenants(
  before: Pick<MapContent, 'placements'>,
  after: Pick<MapContent, 'placements'>,
): readonly string[] {
  const rules = (map: Pick<MapContent, 'placements'>) =>
    new Map(usedPlacements(map).map(({ tenant, slots, by }) => [tenant, JSON.stringify([slots, by])]))
  const [was, is] = [rules(before), rules(after)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((tenant) => was.get(tenant) !== is.get(tenant))
}

const noFields = (): undefined => undefined

/** The event's value of a field by its name. */
export type FieldOf = (name: string) => string | undefined

/** The slot of one event of a placed tenant. Case does not count, since rules that group by the field compare without it. */
export function slotIn({ slots, by }: Pick<Placement, 'slots' | 'by'>, field: FieldOf): number {
  if (slots.length === 1) return slots[0]!
  for (const name of by) {
    const value = field(name)
    if (value !== undefined && value !== '') return slots[partOf(value.toLowerCase(), slots.length)]!
  }
  return slots[0]!
}

/** One version of the map, with what is asked of it often. Never changes. */
export class ShardMap {
  readonly content: MapContent
  readonly #placed: ReadonlyMap<string, Placement>
  readonly #moves: ReadonlyMap<number, Move>
  readonly #replaced: number

  constructor(content: MapContent) {
    this.content = content
    this.#placed = new Map(usedPlacements(content).map((p) => [p.tenant, p]))
    this.#replaced = Math.max(0, ...content.usedSince.values())
    this.#moves = new Map(content.moves.map((move) => [move.slot, move]))
  }

  get version(): number {
    return this.content.version
  }

  get moves(): readonly Move[] {
    return this.content.moves
  }

  /**
   * The version from which on collectors place the tenant's events as they do now; 0: they always did. Two records of a tenant with the same
   * answer were placed by the same rule.
   */
  usedSince(tenant: string): number {
    return this.content.usedSince.get(tenant) ?? 0
  }

  /** The last version that changed any tenant's placement; 0: none has. */
  get replaced(): number {
    return this.#replaced
  }

  /** The shard whose slot this is, or undefined for a private slot that nobody uses. */
  ownerOf(slot: number): number | undefined {
    const owner = this.content.owners[slot]
    return owner === nobody ? undefined : owner
  }

  /** Counts the owners that the slot has had. */
  epochOf(slot: number): number {
    return this.content.epochs[slot]!
  }

  moveOf(slot: number): Move | undefined {
    return this.#moves.get(slot)
  }

  /** The slots that a shard owns, ascending. */
  owned(shard: number): readonly number[] {
    const found: number[] = []
    for (let slot = 0; slot < slotCount; slot++) if (this.content.owners[slot] === shard) found.push(slot)
    return found
  }

  /**
   * The slot of one event. `field` gives the event's value of a field by its name; it is asked about split tenants alone. An event
   * that comes again has the same fields, so the same slot, as long as the tenant's placement is the same.
   */
  slotOf(tenant: string, field: FieldOf = noFields): number {
    const placement = this.placementOf(tenant)
    return placement === undefined ? slotOf(tenant) : slotIn(placement, field)
  }

  /** The placement that collectors use for a tenant; undefined: its events have the slot of its name. */
  placementOf(tenant: string): Placement | undefined {
    return this.#placed.get(tenant)
  }

  /** All slots that a tenant's events may have now. */
  slotsOf(tenant: string): readonly number[] {
    return this.#placed.get(tenant)?.slots ?? [slotOf(tenant)]
  }

  /** The slots in use: all hashed ones, and the private ones that have an owner. */
  slots(): readonly number[] {
    const found: number[] = []
    for (let slot = 0; slot < slotCount; slot++)
      if (!isPrivate(slot) || this.content.owners[slot] !== nobody) found.push(slot)
    return found
  }
}

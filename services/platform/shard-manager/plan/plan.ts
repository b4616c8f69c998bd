import type { TenantClass } from '../../../../policies/model/sharding.ts'
import { nobody, type Placement, type Shard } from '../../../common/sharding/map.ts'
import { isPrivate, partitionOf, slotCount } from '../../../common/sharding/slot.ts'
import { Assignment } from './assignment.ts'
import { balance, house } from './balance.ts'
import { rank, shuffleShard } from './rank.ts'

/** Loads are sums of many small numbers. */
const tiny = 1e-9

export interface PlanInput {
  readonly partitions: number
  readonly shards: readonly Shard[]
  /** Who owns what now; `nobody` for what has no owner yet. */
  readonly owners: Uint16Array
  readonly placements: readonly Pick<Placement, 'tenant' | 'class' | 'slots' | 'region'>[]
  readonly classes: Readonly<Record<string, TenantClass>>
  /** What a slot carries, in any unit; more than 0. */
  readonly loadOf: (slot: number) => number
  readonly maxLoad: number
}

export interface Plan {
  readonly owners: Uint16Array
  /** Why the plan does not keep every promise; empty: it does. */
  readonly findings: readonly string[]
}

/**
 * Who should own what: bounded-load weighted rendezvous hashing that starts from what is, so that only what must move does. Without owners (the first
 * version) it is plain consistent hashing with bounded loads. Deterministic.
 */
export function plan(input: PlanInput): Plan {
  const findings: string[] = []
  const { shards, placements, owners, partitions } = input
  const alone = reserve(input, findings)
  const reserved = new Set([...alone.values()].flat())
  const open = shards.filter(({ id, weight }) => weight > 0 && !reserved.has(id))
  if (open.length === 0) return { owners: Uint16Array.from(owners), findings: [...findings, 'No shard has a weight.'] }
  const slotsAlone = new Set(placements.filter(({ tenant }) => alone.has(tenant)).flatMap(({ slots }) => slots))
  const placed = new Set(placements.flatMap(({ slots }) => slots))
  let total = 0
  for (let slot = 0; slot < slotCount; slot++)
    if (inUse(slot, owners, placed) && !slotsAlone.has(slot)) total += input.loadOf(slot)
  const it = new Assignment({ ...input, open }, total)
  for (const { tenant, slots } of placements) {
    const own = alone.get(tenant)
    if (own) for (const [index, slot] of slots.entries()) it.give(slot, keep(owners[slot]!, own, index), false)
  }
  for (const placement of placements) if (!alone.has(placement.tenant)) spread(it, input, placement, findings)
  const homeless = new Map<number, number[]>()
  const isOpen = new Set(open.map(({ id }) => id))
  for (let slot = 0; slot < slotCount; slot++) {
    if (placed.has(slot) || !inUse(slot, owners, placed)) continue
    if (isOpen.has(owners[slot]!)) it.give(slot, owners[slot]!, true)
    else homeless.set(partitionOf(slot, partitions), [...(homeless.get(partitionOf(slot, partitions)) ?? []), slot])
  }
  const heaviest = [...homeless].toSorted(([a, left], [b, right]) => it.sizeOf(right) - it.sizeOf(left) || a - b)
  for (const [partition, slots] of heaviest) house(it, partition, slots)
  balance(it)
  for (const { id } of open) if (it.load(id) > it.cap(id) * (1 + 1e-6)) findings.push(heavy(it, id))
  return { owners: it.owners, findings }
}

const inUse = (slot: number, owners: Uint16Array, placed: ReadonlySet<number>): boolean =>
  !isPrivate(slot) || owners[slot] !== nobody || placed.has(slot)

const keep = (owner: number, own: readonly number[], index: number): number =>
  own.includes(owner) ? owner : own[index % own.length]!

const eligible = (shards: readonly Shard[], region: string | undefined): readonly Shard[] =>
  shards.filter(({ weight, region: at }) => weight > 0 && (region === undefined || at === region))

/** Shards for tenants that are to be alone. One that is alone already stays; a new one gets the shard that has least to give away. */
function reserve(input: PlanInput, findings: string[]): ReadonlyMap<string, readonly number[]> {
  const { shards, placements, classes, owners, loadOf } = input
  const mine = new Set<number>()
  const carried = new Map<number, number>()
  for (let slot = 0; slot < slotCount; slot++)
    if (owners[slot] !== nobody) carried.set(owners[slot]!, (carried.get(owners[slot]!) ?? 0) + loadOf(slot))
  const chosen = new Map<string, readonly number[]>()
  const hadBy = ({ slots }: { readonly slots: readonly number[] }) => new Set(slots.map((slot) => owners[slot]!))
  const othersOn = (id: number, slots: readonly number[]) =>
    (carried.get(id) ?? 0) - slots.filter((s) => owners[s] === id).reduce((sum, s) => sum + loadOf(s), 0)
  // Who is alone already chooses first: a new one must not take its shard for being nearly empty.
  const unsettled = (placement: { readonly slots: readonly number[] }) =>
    [...hadBy(placement)].some((id) => id === nobody || othersOn(id, placement.slots) > tiny)
  const order = placements.toSorted(
    (a, b) => Number(unsettled(a)) - Number(unsettled(b)) || (a.tenant < b.tenant ? -1 : 1),
  )
  for (const placement of order) {
    const { tenant, class: name, slots, region } = placement
    const kind = classes[name]
    if (!kind?.alone) continue
    const had = hadBy(placement)
    const wanted = rank(`tenant/${tenant}`, eligible(shards, region))
      .filter(({ id }) => !mine.has(id))
      .toSorted(
        (a, b) => Number(had.has(b.id)) - Number(had.has(a.id)) || othersOn(a.id, slots) - othersOn(b.id, slots),
      )
    const left = shards.filter(({ weight, id }) => weight > 0 && !mine.has(id)).length
    if (wanted.length < kind.width || left <= kind.width) {
      findings.push(
        `Tenant '${tenant}' is to be alone on ${kind.width} shard(s)${region ? ` of ${region}` : ''}, and one must be left for the others: add shards.`,
      )
      continue
    }
    const own = wanted.slice(0, kind.width).map(({ id }) => id)
    for (const id of own) mine.add(id)
    chosen.set(tenant, own)
  }
  return chosen
}

/** Gives the parts of a split or pinned tenant to its shuffle shard, as evenly as whole parts allow. */
function spread(
  it: Assignment,
  input: PlanInput,
  placement: PlanInput['placements'][number],
  findings: string[],
): void {
  const { tenant, class: name, slots, region } = placement
  const width = input.classes[name]?.width ?? 1
  const members = shuffleShard(tenant, eligible(it.open, region), width)
  if (members.length === 0) {
    findings.push(`Tenant '${tenant}' is pinned to ${region ?? 'nowhere'}, where no shard is open: add shards there.`)
    for (const slot of slots) it.give(slot, input.owners[slot] === nobody ? it.open[0]!.id : input.owners[slot]!, false)
    return
  }
  const most = Math.ceil(slots.length / members.length)
  const has = new Map(members.map(({ id }) => [id, 0]))
  const take = (slot: number, shard: number) => {
    has.set(shard, has.get(shard)! + 1)
    it.give(slot, shard, false)
  }
  const left: number[] = []
  for (const slot of slots) {
    const owner = input.owners[slot]!
    if ((has.get(owner) ?? most) < most) take(slot, owner)
    else left.push(slot)
  }
  for (const slot of left) take(slot, members.toSorted((a, b) => has.get(a.id)! - has.get(b.id)!)[0]!.id)
}

const heavy = (it: Assignment, shard: number): string => {
  const times = it.load(shard) / it.fair(shard)
  return `Shard ${shard} carries ${times.toFixed(2)} of its fair share: a slot of it is too heavy for any. Split its largest tenant (class giant).`
}

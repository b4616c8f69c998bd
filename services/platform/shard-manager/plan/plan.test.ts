import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sharding } from '../../../../policies/sharding.ts'
import { nobody, type Shard } from '../../../common/sharding/map.ts'
import { partitionOf, slotCount } from '../../../common/sharding/slot.ts'
import { type PlanInput, plan } from './plan.ts'

const numRuns = 25
const shardsOf = (weights: readonly number[], region = 'local'): Shard[] =>
  weights.map((weight, id) => ({ id, region, weight }))
const none = () => new Uint16Array(slotCount).fill(nobody)

const inputOf = (more: Partial<PlanInput> & Pick<PlanInput, 'shards'>): PlanInput => ({
  partitions: 64,
  owners: none(),
  placements: [],
  classes: sharding.classes,
  loadOf: () => 1,
  maxLoad: sharding.maxLoad,
  ...more,
})

const weights = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 7 })
const partitions = fc.constantFrom(8, 64, 256)
/** Some slots carry up to forty times what others do. */
const loads = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 50 })
  .map((some) => (slot: number) => some[(slot * 7919) % some.length]!)

const loadsBy = ({ shards, loadOf }: PlanInput, owners: Uint16Array): number[] => {
  const sums = shards.map(() => 0)
  for (const [slot, owner] of owners.entries()) if (owner !== nobody) sums[owner]! += loadOf(slot)
  return sums
}
const total = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0)
const fairOf = (shards: readonly Shard[], sum: number) => {
  const all = total(shards.map(({ weight }) => weight))
  return shards.map(({ weight }) => (sum * weight) / all)
}
const movedLoad = ({ loadOf }: PlanInput, before: Uint16Array, after: Uint16Array): number =>
  total([...before].map((owner, slot) => (owner !== nobody && owner !== after[slot] ? loadOf(slot) : 0)))
const heaviest = ({ loadOf }: PlanInput) => Math.max(...Array.from({ length: slotCount }, (_, slot) => loadOf(slot)))

test('every slot has an owner, within the load bounds, and nothing is left to do', () => {
  fc.assert(
    fc.property(weights, partitions, loads, (w, count, loadOf) => {
      const input = inputOf({ shards: shardsOf(w), partitions: count, loadOf })
      const { owners, findings } = plan(input)
      assert.deepEqual(findings, [])
      assert.ok(owners.slice(0, sharding.slots).every((owner) => owner < w.length))
      const sums = loadsBy(input, owners)
      const fair = fairOf(input.shards, total(sums))
      for (const [id, sum] of sums.entries()) {
        assert.ok(sum <= fair[id]! * sharding.maxLoad + 1e-6, `${id}: ${sum} of ${fair[id]}`)
        assert.ok(sum >= fair[id]! * (2 - sharding.maxLoad) - heaviest(input), `${id}: ${sum} of ${fair[id]}`)
      }
      assert.deepEqual(plan({ ...input, owners }).owners, owners)
    }),
    { numRuns },
  )
})

test('the same input gives the same plan', () => {
  fc.assert(
    fc.property(weights, loads, (w, loadOf) => {
      const input = inputOf({ shards: shardsOf(w), loadOf })
      assert.deepEqual(plan(input), plan(input))
    }),
    { numRuns: 5 },
  )
})

/** What has to move at least, if loads were exactly fair before and are to be after. */
const ideal = (before: readonly number[], after: readonly number[]): number =>
  total(before.map((share, id) => Math.max(0, share - (after[id] ?? 0))))

test('a shard comes, goes or changes its weight: what moves is within the ideal and the slack of the bounds', () => {
  const change = fc.record({ shard: fc.nat(6), weight: fc.constantFrom(0, 1, 2, 3, 5) })
  fc.assert(
    fc.property(weights, partitions, loads, change, fc.boolean(), (w, count, loadOf, { shard, weight }, adds) => {
      const before = inputOf({ shards: shardsOf(w), partitions: count, loadOf })
      const { owners } = plan(before)
      const to = adds ? [...w, Math.max(1, weight)] : w.map((old, id) => (id === shard % w.length ? weight : old))
      fc.pre(to.some((one) => one > 0))
      const after = inputOf({ ...before, shards: shardsOf(to), owners })
      const next = plan(after)
      assert.deepEqual(next.findings, [])
      const sums = loadsBy(after, owners)
      const sum = total(sums)
      const epsilon = (sharding.maxLoad - 1) * sum
      const least = ideal(fairOf(before.shards, sum), fairOf(after.shards, sum).concat(0))
      const moved = movedLoad(after, owners, next.owners)
      assert.ok(
        moved <= least + epsilon + to.length * heaviest(after),
        `${moved / sum} moved, ideal ${least / sum} (${w} → ${to})`,
      )
      for (const [id, load] of loadsBy(after, next.owners).entries())
        if (to[id] === 0) assert.equal(load, 0, `shard ${id} has weight 0`)
    }),
    { numRuns: 60 },
  )
})

test('slots of a partition stay together: with even loads nearly every partition has one reader', () => {
  for (const count of [8, 64, 256])
    for (const shards of [2, 4, 8]) {
      const { owners } = plan(inputOf({ shards: shardsOf(Array(shards).fill(1)), partitions: count }))
      const readers = new Set([...owners.slice(0, sharding.slots)].map((o, slot) => `${partitionOf(slot, count)}/${o}`))
      assert.ok(readers.size <= count + shards, `${count} partitions, ${shards} shards: ${readers.size} readings`)
    }
})

const placementOf = (tenant: string, kind: string, first: number, more: { readonly region?: string } = {}) => {
  const { ways } = sharding.classes[kind as keyof typeof sharding.classes]
  return { tenant, class: kind, slots: Array.from({ length: ways }, (_, i) => sharding.slots + first + i), ...more }
}

test('isolated tenants are alone, also after others came and shards changed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 7 }), fc.integer({ min: 1, max: 2 }), loads, (count, alone, loadOf) => {
      const names = ['zorro', 'acme'].slice(0, alone)
      let { owners } = plan(inputOf({ shards: shardsOf(Array(count).fill(1)), loadOf }))
      const seen: number[] = []
      for (const [index] of names.entries()) {
        const placements = names.slice(0, index + 1).map((name, i) => placementOf(name, 'isolated', i))
        const input = inputOf({
          shards: shardsOf([...Array(count).fill(1), ...(index ? [1] : [])]),
          owners,
          loadOf,
          placements,
        })
        const next = plan(input)
        assert.deepEqual(next.findings, [])
        owners = next.owners
        for (const [i, { slots }] of placements.entries()) {
          const own = owners[slots[0]!]!
          assert.ok(seen[i] === undefined || seen[i] === own, 'who is alone stays')
          seen[i] = own
          assert.deepEqual(
            [...owners.entries()].filter(([, owner]) => owner === own).map(([slot]) => slot),
            slots,
          )
        }
      }
    }),
    { numRuns },
  )
})

test('no shard is left to be alone on: the plan says so and keeps everything owned', () => {
  const { owners, findings } = plan(
    inputOf({ shards: shardsOf([1]), placements: [placementOf('acme', 'isolated', 0)] }),
  )
  assert.match(findings.join(), /Tenant 'acme' is to be alone on 1 shard\(s\), and one must be left for the others/)
  assert.equal(owners[sharding.slots], 0)
})

test('pins are kept: a pinned tenant is on shards of its region alone', () => {
  fc.assert(
    fc.property(weights, fc.constantFrom('giant', 'isolated'), (w, kind) => {
      const shards = [
        ...shardsOf(w, 'us-east-1'),
        ...[1, 1, 1].map((weight, i) => ({ id: w.length + i, region: 'us-west-2', weight })),
      ]
      const { owners, findings } = plan(
        inputOf({ shards, placements: [placementOf('acme', kind, 3, { region: 'us-west-2' })] }),
      )
      assert.deepEqual(findings, [])
      for (const slot of placementOf('acme', kind, 3).slots) assert.ok(owners[slot]! >= w.length)
    }),
    { numRuns },
  )
})

test("a giant's parts are spread evenly over as many shards as its class is wide, and stay when others change", () => {
  const { width, ways } = sharding.classes.giant
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 10 }), fc.integer({ min: width, max: 9 }), (tenant, count) => {
      const input = inputOf({ shards: shardsOf(Array(count).fill(1)), placements: [placementOf(tenant, 'giant', 0)] })
      const { owners } = plan(input)
      const parts = input.placements[0]!.slots.map((slot) => owners[slot]!)
      const counts = Object.values(Object.groupBy(parts, (owner) => owner)).map((some) => some!.length)
      assert.deepEqual(counts, Array(width).fill(ways / width))
      const more = plan({ ...input, owners, shards: shardsOf(Array(count + 1).fill(1)) })
      const changed = input.placements[0]!.slots.filter((slot) => more.owners[slot] !== owners[slot]).length
      assert.ok(changed <= ways / width, `${changed} parts changed for one shard more`)
    }),
    { numRuns },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import type { Committed } from '../../common/bus/bus.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { Placing } from '../../common/placing/placing.ts'
import { eventRecords } from '../../common/placing/records.ts'
import { ShardMap } from '../../common/sharding/map.ts'
import { sinceOfKey } from '../../common/sharding/place-key.ts'
import { partitionOf, slotOf } from '../../common/sharding/slot.ts'
import { exampleMap, replaced } from '../../common/sharding/testing.ts'
import { until as untilWithin } from '../../common/testing/processes.ts'
import { readCommit } from './intent.ts'
import { type Fault, type Faults, faults, Script } from './testing/faults.ts'
import { MemoryHotTier } from './testing/memory-hot-tier.ts'
import { type Process, type SinkSize, startProcess, topic } from './testing/process.ts'

const partitions = 3
const collectors = 2
const noon = Date.UTC(2026, 0, 1, 12)
const day = 86_400_000
const tenants = ['t0', 't1']
const lines = [0, 1, 2, 3]

/** A tenant's events lie in these private slots, or in the slot of its name where there are none. */
interface Change {
  readonly tenant: number
  readonly slots: readonly number[]
}

type Step =
  /** A sender's batch, or its repetition; `through`: which of its records Kafka took. */
  | {
      readonly is: 'send'
      readonly collector: number
      readonly tenant: number
      readonly batch: number
      readonly through: readonly boolean[]
      readonly days: number
    }
  | { readonly is: 'change'; readonly change: Change }
  /** A collector or a partition's sink learns of `versions` more versions. */
  | { readonly is: 'see'; readonly collector?: number; readonly partition?: number; readonly versions: number }
  /** Another process takes a partition, from an old one that has ended or does not know it yet; it begins so many versions behind. */
  | { readonly is: 'takeover' | 'restart'; readonly partition: number; readonly behind: number }
  | { readonly is: 'poll' | 'wake' }

const partition = fc.nat({ max: partitions - 1 })
const slots = fc.uniqueArray(fc.integer({ min: 4_096, max: 4_101 }), { maxLength: 3 })
const change = fc.record({ tenant: fc.nat({ max: 1 }), slots })
const behind = fc.constantFrom(0, 0, 1, 9)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('send' as const),
      collector: fc.nat({ max: collectors - 1 }),
      tenant: fc.nat({ max: 1 }),
      batch: fc.constant(0),
      through: fc.array(
        fc.nat({ max: 3 }).map((n) => n > 0),
        { minLength: 3, maxLength: 3 },
      ),
      days: fc.nat({ max: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('change' as const), change }) },
  {
    weight: 4,
    arbitrary: fc.oneof(
      fc.record({
        is: fc.constant('see' as const),
        collector: fc.constant(1),
        versions: fc.integer({ min: 1, max: 2 }),
      }),
      fc.record({ is: fc.constant('see' as const), partition, versions: fc.integer({ min: 1, max: 3 }) }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constantFrom('takeover' as const, 'restart' as const), partition, behind }),
  },
  { weight: 4, arbitrary: fc.constant({ is: 'poll' } as const) },
  { weight: 1, arbitrary: fc.constant({ is: 'wake' } as const) },
)
const list = fc.array(fc.constantFrom<Fault>(...faults, 'late', 'late', 'late', 'none'), { maxLength: 12, size: 'max' })
const script: fc.Arbitrary<Faults> = fc.record({ commit: list, ask: list, insert: list, look: list, move: list })
const size: fc.Arbitrary<SinkSize> = fc.record({
  maxRows: fc.integer({ min: 1, max: 8 }),
  maxBytes: fc.constant(400),
  room: fc.constantFrom(1, 1_000_000),
})

/** What somebody knows of the map: one of its versions, or a later one soon. */
class View {
  readonly #versions: readonly ShardMap[]
  #at: number

  constructor(versions: readonly ShardMap[], behind = 0) {
    this.#versions = versions
    this.#at = Math.max(0, versions.length - 1 - behind)
  }

  get current(): ShardMap {
    return this.#versions[this.#at]!
  }

  see(versions = Number.POSITIVE_INFINITY): void {
    this.#at = Math.min(this.#at + versions, this.#versions.length - 1)
  }
}

/** Each partition's sink is a process of its own with a view of its own: none hears of another but through commits. */
class World {
  readonly store = new MemoryHotTier()
  readonly expected = new Set<string>()
  readonly #bus = new MemoryBus(partitions)
  readonly #versions = [new ShardMap(exampleMap(2, { partitions }))]
  readonly #collectors = Array.from({ length: collectors }, () => new View(this.#versions))
  readonly #owners: { process: Process; view: View }[]
  readonly #script: Script
  readonly #size: SinkSize

  constructor(script: Script, size: SinkSize) {
    this.#script = script
    this.#size = size
    this.#owners = Array.from({ length: partitions }, (_, p) => this.#start(p, 0))
  }

  #start(partition: number, behind: number) {
    const view = new View(this.#versions, behind)
    const kafka = this.#bus.soleConsumer(`sink-${partition}`, topic)
    void kafka.choose([partition])
    const process = startProcess({
      ...{ bus: this.#bus, store: this.store, script: this.#script, size: this.#size, kafka },
      placed: { maps: view, partitions, committed: (of) => this.#commits(of) },
    })
    return { process, view }
  }

  async #commits(of: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const each = of.map((p) => this.#bus.soleConsumer(`sink-${p}`, topic).committed([p]))
    return new Map((await Promise.all(each)).flatMap((found) => [...found]))
  }

  /** The living owner of a partition; whoever was killed has a successor. */
  async #owner(partition: number, behind = 0) {
    for (;;) {
      const { process } = this.#owners[partition]!
      await Promise.race([process.started, process.member.died.promise])
      if (!process.member.dead) return this.#owners[partition]!
      this.#owners[partition] = this.#start(partition, behind)
    }
  }

  /** The first collector knows every version at once; the other what it was let see. */
  #send({ collector, tenant, batch, through, days }: Step & { is: 'send' }): void {
    this.#collectors[0]!.see()
    const identity = { tenant: tenants[tenant]!, batch: `b${batch}`, arrival: noon + days * day }
    const bytes = (line: number) => Buffer.from(JSON.stringify({ host: `h${tenant}${batch}${line % 3}`, line }))
    const to = { ...new Placing(this.#collectors[collector]!).of(identity.tenant), partitions }
    const records = eventRecords(
      lines.map((line) => ({ line, bytes: bytes(line) })),
      identity,
      to,
    )
    for (const [i, record] of records.entries()) {
      if (through[i] === false) continue
      this.#bus.append(record)
    }
    // What stands in Kafka is to be stored.
    const taken = records.filter((_, i) => through[i] !== false)
    const held = lines.filter((line) => {
      const [only] = eventRecords([{ line, bytes: bytes(line) }], identity, to)
      return taken.some(({ key }) => key!.equals(only!.key!))
    })
    for (const line of held) this.expected.add(eventId(identity.tenant, identity.batch, line))
  }

  #change({ tenant, slots }: Change): void {
    this.#versions.push(new ShardMap(replaced(this.#versions.at(-1)!.content, tenants[tenant]!, slots)))
  }

  async #do(step: Step): Promise<void> {
    switch (step.is) {
      case 'send':
        return this.#send(step)
      case 'change':
        return this.#change(step.change)
      case 'see':
        if (step.collector !== undefined) this.#collectors[step.collector]!.see(step.versions)
        else {
          const { view, process } = await this.#owner(step.partition!)
          view.see(step.versions)
          process.sink.look()
        }
        return
      case 'poll':
        for (let p = 0; p < partitions; p++) await (await this.#owner(p)).process.kafka.poll(3)
        return
      case 'restart': {
        const { process } = await this.#owner(step.partition)
        await Promise.race([process.sink.stop(20), process.member.died.promise])
        this.#owners[step.partition] = this.#start(step.partition, step.behind)
        return
      }
      case 'takeover':
        await this.#owner(step.partition)
        this.#owners[step.partition] = this.#start(step.partition, step.behind)
        return
      case 'wake':
        this.#script.wakeAll()
        return
      default:
        return step satisfies never
    }
  }

  async #settled(): Promise<boolean> {
    const commits = await this.#commits([...Array(partitions).keys()])
    return [...this.#bus.endOffsets(topic)].every(([partition, end]) => {
      const committed = commits.get(partition)
      return committed === undefined ? end === 0n : committed.offset === end && readCommit(committed).to === undefined
    })
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#do(step)
      await delay(1)
    }
    for (let turn = 0; ; turn++) {
      for (let p = 0; p < partitions; p++) {
        const { view, process } = await this.#owner(p)
        // What came last meets sinks that have not heard of the last changes.
        if (turn > 2) {
          view.see()
          process.sink.look()
        }
        await process.kafka.poll(2)
      }
      if (await this.#settled()) break
      assert.ok(turn < 3_000, 'everything is stored at last')
      await delay(1)
    }
    // Who was paused finds the work done, and does its step all the same.
    this.#script.wakeAll()
    await delay(2)
    for (let p = 0; p < partitions; p++) await (await this.#owner(p)).process.sink.stop(100)
  }
}

test('law: whatever changes its tenant’s placement while its sender repeats it, a batch is stored exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
      script,
      size,
      async (steps, plan, limits) => {
        const world = new World(new Script(plan), limits)
        await world.run(steps)
        const counts = world.store.counts()
        assert.deepEqual([...counts.keys()].sort(), [...world.expected].sort())
        for (const [id, count] of counts) assert.equal(count, 1, id)
      },
    ),
    { numRuns: Number(process.env.ND_PLACEMENT_RUNS ?? 150) },
  )
})

const recordsIn = (bus: MemoryBus, partition: number) => bus.records(topic, partition).length
const plain: SinkSize = { maxRows: 8, maxBytes: 400, room: 1_000_000 }

/** One partition's sink, with a record of t0 in it that was placed by the name; in version 2 of the map the tenant has a slot in another partition. */
async function moving(behind: number, said: Committed | undefined) {
  const bus = new MemoryBus(partitions)
  const base = exampleMap(2, { partitions })
  const from = partitionOf(slotOf('t0'), partitions)
  const slot = [4_096, 4_097].find((one) => partitionOf(one, partitions) !== from)!
  const view = new View([new ShardMap(base), new ShardMap(replaced(base, 't0', [slot]))], behind)
  const line = { line: 0, bytes: Buffer.from('{}') }
  const [record] = eventRecords(
    [line],
    { tenant: 't0', batch: 'b', arrival: noon },
    { place: slotOf('t0'), since: 0, partitions },
  )
  bus.append(record!)
  const kafka = bus.soleConsumer('sink', topic)
  await kafka.choose([from])
  if (said) {
    await kafka.run({ assigned: () => {}, revoked: () => {}, records: () => {} })
    await kafka.commit(from, said.offset, said.metadata)
  }
  const store = new MemoryHotTier()
  const own = bus.soleConsumer('sink', topic)
  await own.choose([from])
  const placed = { maps: view, partitions, committed: (of: readonly number[]) => own.committed(of) }
  const { sink, started } = startProcess({ bus, store, script: new Script({}), size: plain, kafka: own, placed })
  await started
  await own.poll()
  const until = (done: () => boolean | Promise<boolean>) => untilWithin('it comes to this', done, 30_000, 1)
  const commit = async () => (await own.committed([from])).get(from)
  return { bus, view, store, sink, commit, until, to: partitionOf(slot, partitions) }
}

test('what an older placement put here is written anew where the tenant’s events go now, and not stored', async () => {
  const { bus, store, sink, commit, until, to } = await moving(0, undefined)
  await until(async () => (await commit())?.offset === 1n)
  assert.deepEqual([store.rows.length, recordsIn(bus, to), (await commit())?.metadata], [0, 1, 'map/1 2'])
  const { key } = bus.records(topic, to)[0]!
  assert.deepEqual([key?.length, sinceOfKey(key)], [9, 2])
  await sink.stop(100)
})

test('an owner that knows an older map than one before it said waits for the newer', async () => {
  const { bus, view, store, sink, commit, until, to } = await moving(1, { offset: 0n, metadata: 'map/1 2' })
  await delay(20)
  assert.deepEqual([store.rows.length, recordsIn(bus, to)], [0, 0])
  view.see()
  sink.look()
  await until(async () => (await commit())?.offset === 1n)
  assert.deepEqual([store.rows.length, recordsIn(bus, to)], [0, 1])
  await sink.stop(100)
})

test('a block that an owner before it began by an older map is ended by that', async () => {
  const { bus, store, sink, commit, until, to } = await moving(0, { offset: 0n, metadata: 'block/1 1' })
  await until(async () => (await commit())?.metadata === 'map/1 2')
  assert.deepEqual([store.rows.length, recordsIn(bus, to), (await commit())?.offset], [1, 0, 1n])
  await sink.stop(100)
})

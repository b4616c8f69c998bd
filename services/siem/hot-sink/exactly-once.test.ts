import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { MemoryBus, type MemoryConsumer } from '../../common/bus/memory.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import type { HotTier } from './hot-tier.ts'
import { ReplicatedHotTier } from './replicated-hot-tier.ts'
import { type Fault, type Faults, faults, Script } from './testing/faults.ts'
import { MemoryHotTier } from './testing/memory-hot-tier.ts'
import { happenings, landings, MemoryReplicas } from './testing/memory-replicas.ts'
import { type SinkSize, startProcess, topic } from './testing/process.ts'

const partitions = 2
const noon = Date.UTC(2026, 0, 1, 12)
const day = 86_400_000

interface Sent {
  readonly tenant: number
  readonly batch: number
  readonly lines: readonly number[]
  readonly days: number
  readonly broken: boolean
}

type Step =
  | { readonly kind: 'send'; readonly records: readonly Sent[] }
  | { readonly kind: 'rebalance' | 'restart' | 'poll' | 'wake' }

const sent: fc.Arbitrary<Sent> = fc.record({
  tenant: fc.nat({ max: partitions - 1 }),
  batch: fc.nat({ max: 4 }),
  lines: fc.uniqueArray(fc.nat({ max: 7 }), { minLength: 0, maxLength: 4 }).map((lines) => lines.sort()),
  days: fc.nat({ max: 1 }),
  broken: fc.nat({ max: 9 }).map((n) => n === 0),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('send' as const), records: fc.array(sent, { maxLength: 6 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'poll' } as const) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'rebalance' }, { kind: 'restart' }, { kind: 'wake' }) },
)
const limits: fc.Arbitrary<SinkSize> = fc.record({
  maxRows: fc.integer({ min: 1, max: 8 }),
  maxBytes: fc.integer({ min: 20, max: 400 }),
  room: fc.constantFrom(1, 2_000, 1_000_000),
})

const list = fc.array(fc.constantFrom<Fault>(...faults, 'none', 'none'), { maxLength: 8 })
const script: fc.Arbitrary<Faults> = fc.record({ prepare: list, commit: list, ask: list, insert: list, letter: list })

const start = (bus: MemoryBus, store: HotTier, script: Script, size: SinkSize) =>
  startProcess({ bus, store, script, size, kafka: bus.consumer('hot-sink', topic) })

async function settled(kafka: MemoryConsumer): Promise<boolean> {
  const commits = await kafka.committed([0, 1])
  return [...(await kafka.endOffsets())].every(([partition, end]) => {
    const committed = commits.get(partition)
    return end === 0n || (committed?.offset === end && committed.metadata === '')
  })
}

async function world(steps: readonly Step[], script: Script, size: SinkSize, store: HotTier) {
  const bus = new MemoryBus(partitions)
  const expected = new Set<string>()
  let broken = 0
  let process = start(bus, store, script, size)

  /** The process that lives; whoever was killed has a successor. */
  async function alive() {
    for (;;) {
      await Promise.race([process.started, process.member.died.promise])
      if (!process.member.dead) return process
      process = start(bus, store, script, size)
    }
  }
  const send = (records: readonly Sent[]) => {
    for (const { tenant, batch, lines, days, broken: bad } of records) {
      const [name, id] = [`t${tenant}`, `b${batch}`]
      const value = encodeRecord({
        tenant: name,
        batch: id,
        arrival: noon + days * day,
        lines,
        events: lines.map((line) => Buffer.from(JSON.stringify({ id: eventId(name, id, line) }))),
      })
      if (bad) value.writeUInt8(value.readUInt8(value.length - 1) ^ 1, value.length - 1)
      if (bad) broken++
      else for (const line of lines) expected.add(eventId(name, id, line))
      bus.append({ topic, partition: tenant, key: null, value })
    }
  }
  for (const { kind, ...rest } of steps) {
    const now = await alive()
    if (kind === 'send') send((rest as { records: readonly Sent[] }).records)
    else if (kind === 'wake') script.wakeAll()
    else if (kind === 'poll') await now.kafka.poll(3)
    else if (kind === 'rebalance') {
      await now.kafka.revoke()
      await now.kafka.assign()
    } else {
      await Promise.race([now.sink.stop(20), now.member.died.promise])
      process = start(bus, store, script, size)
    }
    await delay(1)
  }
  for (let turn = 0; ; turn++) {
    const now = await alive()
    await now.kafka.poll(1)
    if (await settled(now.kafka)) break
    await delay(1)
    assert.ok(turn < 2_000, 'everything is stored at last')
  }
  // Who was paused finds the work done, and does its step all the same.
  script.wakeAll()
  await delay(2)
  // A commit whose answer was lost is made again: the work is done before the sink knows.
  let last = await alive()
  for (let turn = 0; last.sink.trouble !== undefined; turn++) {
    assert.ok(turn < 2_000, last.sink.trouble)
    await delay(1)
    last = await alive()
  }
  await last.sink.stop(100)
  return { expected, broken, letters: bus.records('events.dead-letter') }
}

test('law: whatever is killed, paused, lost or taken away, every event is stored exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), script, limits, async (steps, plan, size) => {
      const store = new MemoryHotTier()
      const { expected, broken, letters } = await world(steps, new Script(plan), size, store)
      const counts = store.counts()
      assert.deepEqual([...counts.keys()].sort(), [...expected].sort())
      for (const [id, count] of counts) assert.equal(count, 1, id)
      for (const { tenant, batch, line, raw } of store.rows)
        assert.equal(raw, JSON.stringify({ id: eventId(tenant, batch, line) }))
      const named = new Set(
        letters.map(({ value }) => JSON.parse(value.toString())).map((l) => `${l.partition}/${l.offset}`),
      )
      assert.equal(named.size, broken)
    }),
    { numRuns: 150 },
  )
})

const landed = fc.array(fc.constantFrom(...landings), { minLength: 4, maxLength: 10 })
const history = fc.array(fc.constantFrom(...happenings, 'nothing', 'give up'), { minLength: 10, maxLength: 60 })
const sizes = fc.constantFrom([2, 2], [3, 2], [3, 3], [4, 3], [5, 2])

test('law: nor do replicas that lag, go away or take back what had no quorum lose an event or keep it twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      script,
      limits,
      fc.tuple(sizes, landed, history),
      async (steps, plan, size, [[count, quorum], landing, happened]) => {
        const replicas = new MemoryReplicas(count!, quorum!, landing, happened)
        const tier = new ReplicatedHotTier({
          writer: replicas.writer,
          replicas: Array.from({ length: count! }, (_, index) => replicas.replica(index)),
          quorum: quorum!,
        })
        const { expected } = await world(steps, new Script(plan), size, tier)
        replicas.heal()
        for (let index = 0; index < count!; index++) {
          const counts = replicas.counts(index)
          assert.deepEqual([...counts.keys()].sort(), [...expected].sort())
          for (const [id, times] of counts) assert.equal(times, 1, id)
        }
      },
    ),
    { numRuns: 150 },
  )
})

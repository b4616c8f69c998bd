import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { partitionOf, slotOf } from '../../common/sharding/slot.ts'
import { alertsIn, encoded, failed, pack, partitions, rules, sendEvents, start, TestShard } from './testing/engine.ts'

const titles = (bus: MemoryBus) => alertsIn(bus).map(({ tenant, title }) => `${tenant}: ${title}`)

test('a match becomes an alert with its evidence, beside its event', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [{ EventID: 7 }, encoded(3)], start + 5)
  const shard = await new TestShard(bus).start()
  await shard.settle()
  const [alert, ...more] = alertsIn(bus)
  assert.deepEqual(more, [])
  const { id, detected, ...rest } = alert!
  assert.match(id, /^[0-9a-f]{32}$/)
  assert.ok(detected > 0)
  assert.deepEqual(rest, {
    tenant: 'acme',
    kind: 'rule',
    rule: '00000000-0000-0000-0000-000000000001',
    title: 'Encoded command',
    author: 'a tester',
    level: 'high',
    tags: ['attack.t1059'],
    group: {},
    time: start + 3_000,
    start: start + 3_000,
    arrival: start + 5,
    hits: 1,
    events: [['b-1', 1]],
    event: JSON.stringify(encoded(3)),
  })
  const [record] = bus.records('alerts')
  assert.deepEqual(record?.key, bus.records('events.raw')[0]?.key)
})

test('a record that the sink has moved is not looked at again; one of a tenant that was placed anew is', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)], start, { since: 7 })
  sendEvents(bus, 'acme', 'b-2', [encoded(2)], start, { since: 7, again: true })
  const shard = await new TestShard(bus).start()
  await shard.settle()
  assert.deepEqual(
    alertsIn(bus).map(({ events }) => events),
    [[['b-1', 0]]],
  )
})

test('failures over several records become one alert by correlation, and one event alone none', async () => {
  const bus = new MemoryBus(partitions)
  for (const [i, user] of ['bob', 'eve', 'bob', 'bob'].entries()) sendEvents(bus, 'acme', `b-${i}`, [failed(user, i)])
  sendEvents(bus, 'globex', 'b-9', [failed('bob', 1)])
  const shard = await new TestShard(bus).start()
  await shard.settle()
  assert.deepEqual(titles(bus), ['acme: Many failed logons'])
  const [{ kind, group, hits, events, time }] = alertsIn(bus) as [ReturnType<typeof alertsIn>[number]]
  assert.deepEqual(
    { kind, group, hits, events, time },
    {
      kind: 'correlation',
      group: { TargetUserName: 'bob' },
      hits: 3,
      events: [
        ['b-0', 0],
        ['b-2', 0],
        ['b-3', 0],
      ],
      time: start + 3_000,
    },
  )
})

test('a window goes on where it was, though the process was killed after its events were committed', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [failed('bob', 1), failed('bob', 2)])
  const first = await new TestShard(bus).start()
  await first.settle()
  await first.engine.save()
  first.crash()
  sendEvents(bus, 'acme', 'b-2', [failed('bob', 3)])
  const second = await new TestShard(bus).start()
  await second.settle()
  assert.deepEqual(titles(bus), ['acme: Many failed logons'])
  assert.equal(second.counts.seen.events, 1)
})

test('what was written before a crash is not written again, though its events are read again', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1), encoded(2)])
  const first = await new TestShard(bus).start()
  await first.settle()
  first.crash()
  const second = await new TestShard(bus).start()
  await second.settle()
  assert.equal(second.counts.seen.repeated, 2)
  assert.equal(alertsIn(bus).length, 2)
})

test('one that is killed again, halfway through what was done before, writes nothing twice', async () => {
  const bus = new MemoryBus(partitions)
  const acme = slotOf('acme')
  const beside = Array.from({ length: 99 }, (_, i) => `tenant-${i}`).find(
    (name) => slotOf(name) !== acme && partitionOf(slotOf(name), partitions) === partitionOf(acme, partitions),
  )!
  const shard = async (slots: readonly number[]) => new TestShard(bus, { remembered: 1 }).start(slots)
  for (const second of [0, 1, 2, 3, 4, 5]) {
    sendEvents(bus, 'acme', `b-${second}`, [encoded(second)])
    // New to the second process: what it finds in between makes it forget what is old.
    if (second > 1) sendEvents(bus, beside, `b-${second}`, [encoded(second)])
  }
  const first = await shard([acme])
  await first.settle()
  first.crash()
  const second = await shard([acme, slotOf(beside)])
  await second.consumer.poll(2)
  assert.equal(second.counts.seen.repeated, 2)
  await second.engine.save()
  await second.consumer.poll(4)
  await second.published()
  assert.equal(alertsIn(bus).length, 8)
  second.crash()
  const third = await shard([acme, slotOf(beside)])
  await third.settle()
  assert.equal(third.counts.seen.repeated, 6)
  assert.equal(alertsIn(bus).length, 10)
  assert.deepEqual(
    [...third.engine.held.values()].map(({ looksAgain }) => looksAgain),
    [false],
  )
})

test('a request that its sender repeats raises no second alert', async () => {
  const bus = new MemoryBus(partitions)
  for (let i = 0; i < 2; i++) sendEvents(bus, 'acme', 'b-1', [encoded(1), failed('bob', 1), failed('bob', 2)])
  const shard = await new TestShard(bus).start()
  await shard.settle()
  assert.deepEqual(titles(bus), ['acme: Encoded command'])
})

test('an acknowledgement that was lost makes no alert twice; one that never came makes none go missing', async () => {
  for (const written of [true, false]) {
    const bus = new MemoryBus(partitions)
    bus.writeOnFailure = written
    bus.failures.push(
      new BusError('UNAVAILABLE', 'down'),
      new BusError('TIMEOUT', 'slow'),
      new BusError('BACK_PRESSURE', 'full'),
    )
    sendEvents(bus, 'acme', 'b-1', [encoded(1), encoded(2)])
    const shard = await new TestShard(bus).start()
    await shard.settle()
    assert.equal(alertsIn(bus).length, 2, `written: ${written}`)
  }
})

test('a shard looks at its own slots alone', async () => {
  const bus = new MemoryBus(partitions)
  const tenants = Array.from({ length: 40 }, (_, i) => `tenant-${i}`)
  for (const tenant of tenants) sendEvents(bus, tenant, 'b-1', [encoded(1)])
  const [even, odd] = [0, 1].map((rest) => Array.from({ length: 2_048 }, (_, i) => 2 * i + rest))
  const shards = [await new TestShard(bus, { shard: 0 }).start(even), await new TestShard(bus, { shard: 1 }).start(odd)]
  for (const shard of shards) await shard.settle()
  assert.deepEqual(
    alertsIn(bus)
      .map(({ tenant }) => tenant)
      .sort(),
    [...tenants].sort(),
  )
  for (const { counts } of shards) assert.ok(counts.seen.events! > 5)
})

test('what another process of the shard has taken over is not saved by the one before', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [failed('bob', 1)])
  const first = await new TestShard(bus).start()
  await first.settle()
  await new TestShard(bus).start()
  const before = bus.records('correlation.state').length
  await first.engine.save()
  assert.equal(bus.records('correlation.state').length, before)
})

test('new rules count from the next record on; windows of unchanged rules go on', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [failed('bob', 1), failed('bob', 2), encoded(2)])
  const shard = await new TestShard(bus).start()
  await shard.settle()
  shard.detector.use(pack(rules.replace('Encoded command', 'Encoded, renamed')))
  sendEvents(bus, 'acme', 'b-2', [failed('bob', 3), encoded(3)])
  await shard.settle()
  assert.deepEqual(titles(bus), ['acme: Encoded command', 'acme: Many failed logons', 'acme: Encoded, renamed'])
})

test('what is no record or no event is counted and passed', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)])
  const [{ key }] = bus.records('events.raw') as unknown as [{ key: Buffer }]
  const partition = key.readUInt32BE(0) % partitions
  bus.append({ topic: 'events.raw', partition, key, value: Buffer.from('no record') })
  sendEvents(bus, 'acme', 'b-2', ['text', null, encoded(2)])
  const shard = await new TestShard(bus).start()
  await shard.settle()
  assert.equal(alertsIn(bus).length, 2)
  assert.equal(shard.counts.seen['unreadable NOT_A_RECORD'], 1)
})

/** What a run without any crash finds. */
async function undisturbed(batches: readonly Batch[]): Promise<readonly string[]> {
  const bus = new MemoryBus(partitions)
  for (const batch of batches) send(bus, batch)
  await (await new TestShard(bus).start()).settle()
  return alertsIn(bus)
    .map(({ id }) => id)
    .sort()
}

interface Batch {
  readonly tenant: number
  readonly events: readonly (readonly ['bob' | 'eve' | 'enc', number])[]
}
let batchNumber = 0
const names = new WeakMap<Batch, string>()
const send = (bus: MemoryBus, batch: Batch) => {
  const name = names.get(batch) ?? `b-${batchNumber++}`
  names.set(batch, name)
  const events = batch.events.map(([what, second]) => (what === 'enc' ? encoded(second) : failed(what, second)))
  sendEvents(bus, `tenant-${batch.tenant}`, name, events)
}
const someBatch = fc.record({
  tenant: fc.nat(3),
  events: fc.array(fc.tuple(fc.constantFrom('bob', 'eve', 'enc'), fc.nat(200)), { minLength: 1, maxLength: 6 }),
})
const step = fc.oneof(
  { weight: 6, arbitrary: someBatch },
  { weight: 3, arbitrary: fc.record({ poll: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.constant('save' as const) },
  { weight: 2, arbitrary: fc.constant('kill' as const) },
  { weight: 1, arbitrary: fc.record({ fails: fc.boolean() }) },
)

test('whenever it is killed and whatever is not acknowledged: the same alerts, each once', async () => {
  // As good as nothing, so that what is left out is what was read again.
  const remembered = 1
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const bus = new MemoryBus(partitions)
      let shard = await new TestShard(bus, { remembered }).start()
      const sent: Batch[] = []
      for (const one of steps) {
        if (one === 'save') await shard.engine.save().catch(() => {})
        else if (one === 'kill') {
          shard.crash()
          shard = await new TestShard(bus, { remembered }).start()
        } else if ('poll' in one) await shard.consumer.poll(one.poll)
        else if ('fails' in one) {
          bus.writeOnFailure = one.fails
          bus.failures.push(new BusError('UNAVAILABLE', 'down'))
        } else {
          sent.push(one)
          send(bus, one)
        }
      }
      await shard.settle()
      assert.deepEqual(
        alertsIn(bus)
          .map(({ id }) => id)
          .sort(),
        await undisturbed(sent),
      )
    }),
    { numRuns: 60 },
  )
})

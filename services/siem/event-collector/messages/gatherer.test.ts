import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusError } from '../../../common/bus/errors.ts'
import { MemoryBus } from '../../../common/bus/memory.ts'
import { decodeRecord } from '../../../common/codec/record.ts'
import { silentLog } from '../../../common/log/log.ts'
import { Placing } from '../../../common/placing/placing.ts'
import { ShardMap } from '../../../common/sharding/map.ts'
import { placedMap } from '../../../common/sharding/testing.ts'
import { InFlight } from '../in-flight.ts'
import { Gatherer, type GathererOptions } from './gatherer.ts'

const setup = (more: Partial<GathererOptions> = {}) => {
  const bus = new MemoryBus()
  const inFlight = new InFlight(10_000)
  const counted = { acknowledged: 0, lost: 0 }
  const gatherer = new Gatherer({
    partitions: 8,
    placing: new Placing({ current: undefined }),
    producer: bus.producer(),
    inFlight,
    maxHeldBytes: 1_000,
    maxBatch: 100,
    maxBatchBytes: 10_000,
    lingerMs: 1,
    log: silentLog,
    acknowledged: (events) => {
      counted.acknowledged += events
    },
    lost: (messages) => {
      counted.lost += messages
    },
    now: () => 1_700_000_000_000,
    ...more,
  })
  const batches = () => bus.records('events.raw').map(({ value }) => decodeRecord(value, 2 ** 20))
  return { bus, inFlight, gatherer, counted, batches }
}
const items = (...texts: string[]) => texts.map((text) => ({ bytes: Buffer.from(text) }))

test('messages that come together go together, in order, each tenant by itself', async () => {
  const { gatherer, batches, inFlight, counted } = setup()
  gatherer.take('acme', items('1', '2'))
  gatherer.take('globex', items('a'))
  gatherer.take('acme', items('3'))
  assert.deepEqual([inFlight.bytes, inFlight.events], [4, 4])
  await gatherer.close(10_000)
  assert.deepEqual(
    batches()
      .map(({ tenant, events, lines }) => [tenant, events.map(String), lines])
      .sort(),
    [
      ['acme', ['1', '2', '3'], [0, 1, 2]],
      ['globex', ['a'], [0]],
    ],
  )
  assert.deepEqual([inFlight.bytes, inFlight.events, counted], [0, 0, { acknowledged: 4, lost: 0 }])
})

test('a batch is sent until Kafka has it, under the same id, before any later one', async () => {
  const { bus, gatherer, batches } = setup({ maxBatch: 1 })
  bus.writeOnFailure = true
  bus.failures.push(new BusError('UNAVAILABLE', 'down'), new BusError('TIMEOUT', 'late'))
  gatherer.take('acme', items('1'))
  const closed = gatherer.close(60_000)
  gatherer.take('acme', items('2'))
  await closed
  const found = batches()
  assert.deepEqual(
    found.map(({ events }) => events.map(String).join()),
    ['1', '1', '1', '2'],
  )
  assert.equal(new Set(found.slice(0, 3).map(({ batch }) => batch)).size, 1)
  assert.notEqual(found[3]!.batch, found[0]!.batch)
  // No sender can choose such an id.
  assert.match(found[0]!.batch, /^~/)
})

test('a batch stays where it was placed first, also when the map changes before Kafka has it', async () => {
  const maps = { current: new ShardMap(placedMap({ tenant: 'acme', slots: [4_101] })) }
  const bus = new MemoryBus()
  bus.writeOnFailure = true
  bus.failures.push(new BusError('TIMEOUT', 'late'))
  const inner = bus.producer()
  const producer: Pick<typeof inner, 'send'> = {
    send: (records) => {
      maps.current = new ShardMap(placedMap({ tenant: 'acme', slots: [4_102] }))
      return inner.send(records)
    },
  }
  const { gatherer } = setup({ producer, placing: new Placing(maps) })
  gatherer.take('acme', items('1'))
  await gatherer.close(60_000)
  assert.deepEqual(
    bus.records('events.raw').map(({ key }) => key?.readUInt32BE()),
    [4_101, 4_101],
  )
})

test('what is no event goes to the dead letters, numbered with the events', async () => {
  const { bus, gatherer, batches } = setup()
  gatherer.take('acme', [
    ...items('1'),
    { bytes: Buffer.from('x'.repeat(8)), reason: 'TOO_LARGE', length: 9_000 },
    ...items('2'),
  ])
  await gatherer.close(10_000)
  assert.deepEqual(batches()[0]!.lines, [0, 2])
  const { letters, batch } = JSON.parse(bus.records('events.dead-letter')[0]!.value.toString())
  assert.equal(batch, batches()[0]!.batch)
  assert.deepEqual(
    letters.map((l: { line: number; reason: string; length: number }) => [l.line, l.reason, l.length]),
    [[1, 'TOO_LARGE', 9_000]],
  )
})

test('no room beyond what a tenant may hold, or all together; room again when it is acknowledged', async () => {
  const { bus, gatherer } = setup()
  bus.hold()
  assert.equal(gatherer.room('acme'), undefined)
  gatherer.take('acme', items('x'.repeat(1_000)))
  const waiting = gatherer.room('acme')
  assert.ok(waiting)
  assert.equal(gatherer.room('globex'), undefined)
  for (const tenant of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) gatherer.take(tenant, items('x'.repeat(1_000)))
  const all = gatherer.room('globex')
  assert.ok(all)
  bus.release()
  await Promise.all([waiting, all])
  await gatherer.close(10_000)
  assert.equal(gatherer.room('acme'), undefined)
})

test('batches are cut by number and by size', async () => {
  const { gatherer, batches } = setup({ maxBatch: 3, maxBatchBytes: 10 })
  gatherer.take('acme', items('1', '2', '3', '4', 'x'.repeat(9), 'y'.repeat(9), 'z'.repeat(30)))
  await gatherer.close(10_000)
  assert.deepEqual(
    batches().map(({ events }) => events.length),
    [3, 2, 2],
  )
  assert.deepEqual(
    batches().flatMap(({ events }) => events.map((event) => event.toString()[0])),
    ['1', '2', '3', '4', 'x', 'y', 'z'],
  )
})

test('what Kafka has not taken when the time is over is lost, and said', async () => {
  const { bus, gatherer, counted, inFlight } = setup()
  for (let i = 0; i < 5; i++) bus.failures.push(new BusError('UNAVAILABLE', 'down'))
  gatherer.take('acme', items('1', '2'))
  await gatherer.close(0)
  assert.deepEqual([counted, inFlight.bytes], [{ acknowledged: 0, lost: 2 }, 0])
})

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { createLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { until as untilWithin } from '../../common/testing/processes.ts'
import { HotTierError } from './errors.ts'
import type { Content } from './partition-options.ts'
import type { EventRecord } from './record.ts'
import { eventContent } from './rows.ts'
import { Sink } from './sink.ts'
import { MemoryHotTier } from './testing/memory-hot-tier.ts'

const topic = 'events.raw'

/** A hot tier that says no as long as it is told to. */
class Troubled extends MemoryHotTier {
  /** Says whether an insert of these tenants fails, and how. */
  refuse: (tenants: ReadonlySet<string>) => HotTierError | undefined = () => undefined
  unprepared: HotTierError | undefined

  override async prepare(): Promise<void> {
    if (this.unprepared) throw this.unprepared
    await super.prepare()
  }
  override async insert(token: string, rows: Buffer): Promise<void> {
    const failure = this.refuse(new Set(['t0', 't1'].filter((name) => rows.includes(name))))
    if (failure) throw failure
    await super.insert(token, rows)
  }
}

// A sink whose test failed would go on trying, and the file would never end.
const sinks: Sink[] = []
afterEach(() => Promise.all(sinks.splice(0).map((sink) => sink.stop(0))))

function world({ maxDelayMs = 5, maxRows = 100, room = 1_000_000, laterMs = 5, content = eventContent } = {}) {
  const bus = new MemoryBus(2)
  const store = new Troubled()
  const consumer = bus.consumer('hot-sink', topic)
  const metrics = createMetrics({ process: false })
  const lines: string[] = []
  const sink = new Sink({
    topic,
    consumer,
    producer: bus.producer(),
    hotTier: store,
    content,
    limits: { maxRows, maxBytes: 100_000, maxDelayMs, partitionBy: 'day', maxRecordBytes: 100_000 },
    room: { partition: room, total: 4 * room },
    concurrency: 2,
    lagMaxAgeMs: 0,
    metrics,
    log: createLog({ level: 'warn', write: (line) => lines.push(line) }),
    retry: { soon: { firstMs: 2, mostMs: 2 }, later: { firstMs: laterMs, mostMs: laterMs } },
  })
  sinks.push(sink)
  const send = (tenant: 0 | 1, batch: string, events = 1, arrival = Date.now()) =>
    bus.append({
      topic,
      partition: tenant,
      key: null,
      value: encodeRecord({
        tenant: `t${tenant}`,
        batch,
        arrival,
        lines: Array.from({ length: events }, (_, line) => line),
        events: Array.from({ length: events }, () => Buffer.from(`{"secretRow":"${batch}"}`)),
      }),
    })
  const commit = async (partition: number) => (await consumer.committed([partition])).get(partition)
  const metric = async (name: string) =>
    (await metrics.text()).match(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (.*)$`, 'm'))?.[1]
  return { bus, store, consumer, metrics, lines, sink, send, commit, metric }
}

const until = (condition: () => boolean | Promise<boolean>) => untilWithin('it comes to this', condition, 30_000, 1)

test('a block waits for more until its time; a full one does not wait', async () => {
  const { sink, send, store, consumer, commit } = world({ maxDelayMs: 60_000, maxRows: 5 })
  await sink.start()
  send(0, 'a', 3)
  await consumer.poll()
  await delay(20)
  assert.equal(store.rows.length, 0)
  send(0, 'b', 2)
  await consumer.poll()
  await until(async () => (await commit(0))?.offset === 2n)
  assert.equal(store.rows.length, 5)
  assert.equal(store.tokens.size, 1)

  const soon = world({ maxDelayMs: 10 })
  await soon.sink.start()
  soon.send(1, 'a', 3)
  await soon.consumer.poll()
  await until(() => soon.store.rows.length === 3)
  await Promise.all([sink.stop(100), soon.sink.stop(100)])
})

test('what is stored gives its memory back, and not before', async () => {
  const read: EventRecord[] = []
  const content: Content = {
    ...eventContent,
    read: (...args) => {
      const record = eventContent.read(...args)
      if (record.kind === 'events') read.push(record)
      return record
    },
  }
  const { sink, send, store, consumer } = world({ content })
  await sink.start()
  store.refuse = () => new HotTierError('REFUSED', 'The hot tier answered with error 27 (X).')
  // Larger than what comes out of Node's pool, which is everybody's.
  for (const batch of ['a', 'b']) send(0, batch, 3_000)
  await consumer.poll()
  await until(() => sink.trouble !== undefined)
  const detached = () => read.map(({ bytes }) => (bytes.buffer as ArrayBuffer).detached)
  assert.deepEqual(detached(), [false, false])
  store.refuse = () => undefined
  await until(() => detached().every(Boolean))
  assert.equal(store.rows.length, 6_000)
})

test('what is refused holds its own partition back, says so, and is stored when it is taken', async () => {
  const { sink, send, store, consumer, commit, metric, lines } = world()
  await sink.start()
  assert.equal(sink.trouble, undefined)
  store.refuse = (tenants) =>
    tenants.has('t0') ? new HotTierError('REFUSED', 'The hot tier answered with error 27 (X).') : undefined
  send(0, 'a')
  send(1, 'a')
  await consumer.poll()
  await until(async () => (await commit(1))?.metadata === '')
  await until(() => sink.trouble !== undefined)
  assert.equal(sink.trouble, 'Partition 0 is held back (REFUSED); 1 are in all.')
  assert.deepEqual(await commit(0), { offset: 0n, metadata: 'block/1 1' })
  // Later records wait behind it.
  send(0, 'b')
  await consumer.poll()
  await until(async () => Number(await metric('nd_errors_total{reason="REFUSED"}')) > 2)
  assert.equal(await metric('nd_consumer_lag_records'), '2')
  assert.equal(await metric('nd_queue_depth'), '2')
  store.refuse = () => undefined
  await until(async () => (await commit(0))?.offset === 2n)
  assert.equal(sink.trouble, undefined)
  assert.deepEqual([...store.counts().values()], [1, 1, 1])
  assert.equal(await metric('nd_consumer_lag_records'), '0')
  assert.match(lines[0]!, /error 27 \(X\)/)
  assert.doesNotMatch(lines.join(), /secretRow/)
  await sink.stop(100)
})

test('what can be done about a failure stands in what the sink says of itself', async () => {
  const { sink, send, store, consumer } = world()
  await sink.start()
  let full = true
  store.refuse = () => (full ? new HotTierError('DISK_FULL', 'The disk is full. Free space there.') : undefined)
  send(0, 'a')
  await consumer.poll()
  await until(() => sink.trouble !== undefined)
  assert.equal(
    sink.trouble,
    'Partition 0 is held back (DISK_FULL); 1 are in all. Free space on the disk of the hot tier or enlarge its volume. The sink keeps trying, and nothing is lost while Kafka keeps the records.',
  )
  full = false
  await until(() => sink.trouble === undefined)
  await sink.stop(100)
})

test('while the hot tier is away, memory stays bounded; afterwards everything is stored', async () => {
  const { sink, send, store, consumer, metric, commit } = world({ room: 3_000, maxRows: 2 })
  await sink.start()
  store.refuse = () => new HotTierError('UNAVAILABLE', 'away')
  for (let i = 0; i < 100; i++) send(0, `b${i}`)
  for (let i = 0; i < 20; i++) await consumer.poll(1)
  const held = Number(await metric('nd_queue_bytes'))
  assert.ok(held >= 3_000 && held < 4_000, `${held}`)
  assert.equal(sink.trouble, 'Partition 0 is held back (UNAVAILABLE); 1 are in all.')
  store.refuse = () => undefined
  await until(async () => {
    await consumer.poll(1)
    return (await commit(0))?.offset === 100n
  })
  assert.equal(store.rows.length, 100)
  await sink.stop(100)
})

test('the table is made before the group is joined, and again when it is gone', async () => {
  const { sink, send, store, consumer } = world()
  store.unprepared = new HotTierError('UNAVAILABLE', 'The exchange with the hot tier failed (ECONNREFUSED).')
  const started = sink.start()
  await until(() => sink.trouble?.includes('ECONNREFUSED') === true)
  assert.equal(consumer.healthy, false)
  store.unprepared = undefined
  await started
  assert.deepEqual([sink.trouble, store.prepared], [undefined, 1])
  let gone = true
  store.refuse = () => (gone ? new HotTierError('NO_TABLE', 'gone') : undefined)
  send(0, 'a')
  await consumer.poll()
  await until(() => store.prepared > 1)
  gone = false
  await until(() => store.rows.length === 1)
  await sink.stop(100)
})

test('a stop before the hot tier answers ends the waiting', async () => {
  const { sink, store } = world()
  store.unprepared = new HotTierError('UNAVAILABLE', 'away')
  const started = sink.start()
  await sink.stop(10)
  await started
})

test('a stop stores what is there, within its time', async () => {
  const { sink, send, store, consumer, commit } = world({ maxDelayMs: 60_000 })
  await sink.start()
  send(0, 'a', 3)
  send(1, 'b', 4)
  await consumer.poll()
  await sink.stop(1_000)
  assert.equal(store.rows.length, 7)
  assert.deepEqual(await commit(0), { offset: 1n, metadata: '' })

  const stuck = world({ laterMs: 60_000 })
  await stuck.sink.start()
  stuck.store.refuse = () => new HotTierError('REFUSED', 'no')
  stuck.send(0, 'a')
  await stuck.consumer.poll()
  await until(() => stuck.sink.trouble !== undefined)
  const before = performance.now()
  await stuck.sink.stop(50)
  assert.ok(performance.now() - before < 1_000)
  assert.deepEqual(await stuck.commit(0), { offset: 0n, metadata: 'block/1 1' })
})

test('records that come again are let pass, and a text of another version is not taken for an intent', async () => {
  const { sink, bus, send, store, consumer, commit, lines } = world()
  for (const batch of ['a', 'b', 'c']) send(0, batch)
  await consumer.run({ assigned: () => {}, revoked: () => {}, records: () => {} })
  await consumer.commit(0, 1n, 'block/7 something else')
  await sink.start()
  const { signal } = new AbortController()
  for (const _ of [1, 2]) await sink.records(0, bus.records(topic, 0), signal)
  await until(async () => (await commit(0))?.offset === 3n)
  await sink.records(0, bus.records(topic, 0), signal)
  await delay(20)
  assert.deepEqual(
    [...store.counts()],
    [
      ['t0/b/0', 1],
      ['t0/c/0', 1],
    ],
  )
  assert.match(lines.join(), /text that this version does not understand/)
  await sink.stop(100)
})

test('a begun block whose records the topic no longer has is given up, loudly, and the rest goes on', async () => {
  const { sink, bus, send, store, consumer, commit, lines } = world()
  for (const batch of ['a', 'b', 'c']) send(0, batch)
  await consumer.run({ assigned: () => {}, revoked: () => {}, records: () => {} })
  await consumer.commit(0, 0n, 'block/1 2')
  await sink.start()
  await sink.records(0, bus.records(topic, 0).slice(2), new AbortController().signal)
  await until(async () => (await commit(0))?.offset === 3n)
  assert.deepEqual([...store.counts().keys()], ['t0/c/0'])
  assert.match(lines.join(), /the topic kept them too short/)
  await sink.stop(100)
})

test('a record that is unreadable does not hold up the others, and is among the dead letters before the commit', async () => {
  const { sink, send, bus, store, consumer, commit, metric } = world()
  await sink.start()
  send(0, 'a')
  bus.append({ topic, partition: 0, key: null, value: Buffer.from('rubbish') })
  send(0, 'b')
  bus.failures.push(new BusError('TIMEOUT', 'late'))
  await consumer.poll()
  await until(async () => (await commit(0))?.offset === 3n)
  const letters = bus.records('events.dead-letter').map(({ value }) => JSON.parse(value.toString()))
  assert.deepEqual(letters, [
    { version: 1, topic, partition: 0, offset: 1, reason: 'NOT_A_RECORD', length: 7, bytes: 'cnViYmlzaA==' },
  ])
  assert.equal(store.rows.length, 2)
  assert.equal(await metric('nd_records_unreadable_total{reason="NOT_A_RECORD"}'), '1')
  assert.equal(await metric('nd_errors_total{reason="KAFKA_TIMEOUT"}'), '1')
  await sink.stop(100)
})

test('the metrics tell stored from repeated, how large and how old', async () => {
  const { sink, send, consumer, commit, metric } = world({ maxRows: 4 })
  await sink.start()
  send(0, 'a', 4, Date.now() - 3_000)
  send(0, 'a', 4)
  send(0, 'b', 2)
  await consumer.poll()
  await until(async () => (await commit(0))?.offset === 3n)
  const expected = {
    nd_events_stored_total: '6',
    nd_events_duplicate_total: '4',
    'nd_blocks_total{result="stored"}': '2',
    'nd_blocks_total{result="empty"}': '1',
    nd_block_rows_sum: '6',
    nd_block_duration_seconds_count: '3',
    nd_event_age_seconds_count: '2',
    nd_queue_depth: '0',
    nd_queue_bytes: '0',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(await metric(name), value, name)
  assert.ok(Number(await metric('nd_event_age_seconds_sum')) >= 3)
  await sink.stop(100)
})

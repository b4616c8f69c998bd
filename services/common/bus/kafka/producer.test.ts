import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { silentLog } from '../../log/log.ts'
import { testTls } from '../../testing/server.ts'
import type { OutgoingRecord } from '../bus.ts'
import { BusError } from '../errors.ts'
import { maxValueBytes } from '../outbox.ts'
import { KafkaProducer } from './producer.ts'
import { ModelBrokers, type Outcome } from './testing/model-brokers.ts'

const { tls } = await testTls()
after(() => tls.close())

const producerOn = (
  cluster: ModelBrokers,
  more: { ackTimeoutMs?: number; maxQueuedBytes?: number; lingerMs?: number } = {},
) =>
  new KafkaProducer({
    cluster,
    tls,
    brokers: [],
    clientId: 't',
    log: silentLog,
    ackTimeoutMs: 60_000,
    maxQueuedBytes: 1_000_000,
    ...more,
  })

const record = (partition = 0, value = 'v'): OutgoingRecord => ({
  topic: 'events.raw',
  partition,
  key: null,
  value: Buffer.from(value),
})

const code = (expected: string) => (error: unknown) => error instanceof BusError && error.code === expected
const sizes = (brokers: ModelBrokers) => brokers.requests.map(({ batches }) => batches.length)

test('senders that come together share one request with a batch for each partition', async () => {
  const brokers = new ModelBrokers()
  const producer = producerOn(brokers)
  await Promise.all([producer.send([record(0, 'a'), record(1, 'b')]), producer.send([record(1, 'c')])])
  assert.deepEqual(sizes(brokers), [2])
  assert.deepEqual(Object.fromEntries(brokers.logs), { 'events.raw:0': ['a'], 'events.raw:1': ['b', 'c'] })
  await producer.close()
})

test('a broker has one request at a time, and a partition one batch', async () => {
  const brokers = new ModelBrokers()
  const producer = producerOn(brokers, { lingerMs: 0 })
  const sends: Promise<void>[] = []
  for (let i = 0; i < 20; i++) {
    sends.push(producer.send([record(i % 3)]))
    if (i % 5 === 0) await sends[0]
  }
  await Promise.all(sends)
  assert.equal(brokers.mostAtOnce, 1)
  assert.ok(brokers.requests.length > 1)
  for (const { batches } of brokers.requests)
    assert.equal(new Set(batches.map((b) => b.partition)).size, batches.length)
  await producer.close()
})

const failures: readonly Outcome[] = ['lost', 'answer lost', 'refused', 'too few replicas', 'silent', 'moved']
for (const failure of failures)
  test(`a request that ends in "${failure}" is repeated with the same bytes, and is written once`, async () => {
    const brokers = new ModelBrokers(failure, failure)
    const producer = producerOn(brokers)
    await producer.connect()
    await producer.send([record(0, 'a'), record(0, 'b')])
    await producer.send([record(0, 'c')])
    const [first, second, third, fourth] = brokers.requests.map(({ batches }) => batches[0]?.bytes)
    assert.ok(first!.equals(second!) && first!.equals(third!) && fourth !== undefined)
    assert.deepEqual(brokers.logs.get('events.raw:0'), ['a', 'b', 'c'])
    assert.equal(producer.healthy, true)
    await producer.close()
  })

test('a batch that is given up is never written after what follows it', async () => {
  const brokers = new ModelBrokers('late', ...Array<Outcome>(100).fill('lost'))
  const producer = producerOn(brokers, { ackTimeoutMs: 300 })
  await assert.rejects(producer.send([record(0, 'given up')]), code('TIMEOUT'))
  brokers.script.length = 0
  assert.equal(producer.healthy, false)
  await producer.send([record(0, 'next')])
  assert.deepEqual(brokers.logs.get('events.raw:0'), ['next'])
  await producer.send([record(0, 'and on')])
  assert.deepEqual(brokers.logs.get('events.raw:0'), ['next', 'and on'])
  await producer.close()
})

test('law: what is acknowledged was written; everything is written once at most, and in order', async () => {
  const outcome = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Outcome>('ok') },
    { weight: 5, arbitrary: fc.constantFrom<Outcome>('late', ...failures) },
  )
  const sends = fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), sends, fc.nat({ max: 3 }), async (script, calls, every) => {
      const brokers = new ModelBrokers(...script)
      const producer = producerOn(brokers, { ackTimeoutMs: 40, lingerMs: 0 })
      let number = 0
      const acknowledged = new Set<string>()
      const settled: Promise<void>[] = []
      for (const [turn, partitions] of calls.entries()) {
        const records = partitions.map((partition) => record(partition, `${number++}`))
        settled.push(
          producer.send(records).then(
            () => records.forEach(({ value }) => void acknowledged.add(value.toString())),
            (error: unknown) => assert.ok(error instanceof BusError && error.retryable),
          ),
        )
        if (turn % (every + 1) === 0) await settled.at(-1)
      }
      await Promise.all(settled)
      await producer.close()
      const written = [...brokers.logs.values()].flat()
      assert.equal(new Set(written).size, written.length, 'twice')
      for (const one of acknowledged) assert.ok(written.includes(one), `${one} was acknowledged and is not there`)
      for (const log of brokers.logs.values())
        assert.deepEqual(
          log,
          log.toSorted((a, b) => Number(a) - Number(b)),
        )
      assert.deepEqual(producer.queued, { records: 0, bytes: 0 })
    }),
    { numRuns: 40 },
  )
})

test('no acknowledgement in time: TIMEOUT, and what waits behind is not sent when nobody waits for it', async () => {
  const gate = Promise.withResolvers<void>()
  const brokers = new ModelBrokers()
  brokers.gate = gate.promise
  const producer = producerOn(brokers, { ackTimeoutMs: 200 })
  const first = producer.send([record(0, 'first')])
  await assert.rejects(first, code('TIMEOUT'))
  await assert.rejects(producer.send([record(0, 'second')]), code('TIMEOUT'))
  // Timers may be a fraction of a millisecond ahead of the clock that deadlines are read on.
  await delay(5)
  gate.resolve()
  await producer.close()
  assert.equal(brokers.requests.length, 1)
  assert.deepEqual(producer.queued, { records: 0, bytes: 0 })
})

test('beyond the bound nothing is taken; a record that the topic refuses is refused here', async () => {
  const gate = Promise.withResolvers<void>()
  const brokers = new ModelBrokers()
  brokers.gate = gate.promise
  const producer = producerOn(brokers, { maxQueuedBytes: 1_000 })
  const large = producer.send([record(0, 'x'.repeat(5_000))])
  await assert.rejects(producer.send([record()]), code('BACK_PRESSURE'))
  gate.resolve()
  await large
  await producer.send([record()])
  await assert.rejects(producer.send([record(0, 'x'.repeat(maxValueBytes('events.raw') + 1))]), code('TOO_LARGE'))
  await producer.close()
})

test('close waits for what was taken, then takes nothing', async () => {
  const brokers = new ModelBrokers()
  const producer = producerOn(brokers)
  const taken = producer.send([record()])
  await producer.close()
  await taken
  assert.equal(brokers.requests.length, 1)
  await assert.rejects(producer.send([record()]), code('CLOSED'))
})

test('a record that comes in the very turn in which the one before is acknowledged leaves too', async () => {
  const producer = producerOn(new ModelBrokers(), { ackTimeoutMs: 500 })
  const send = async () => {
    await producer.send([record()])
  }
  for (let i = 0; i < 5; i++) await send()
  for (let i = 0; i < 5; i++) await producer.send([record()])
  await producer.close()
})

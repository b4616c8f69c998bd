import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka, Producer as KafkaJsProducer, ProducerBatch, ProducerConfig, RecordMetadata } from 'kafkajs'
import { silentLog } from '../../log/log.ts'
import { testTls } from '../../testing/server.ts'
import type { OutgoingRecord } from '../bus.ts'
import { BusError } from '../errors.ts'
import { maxValueBytes } from '../outbox.ts'
import { KafkaProducer } from './producer.ts'

const { tls } = await testTls()
after(() => tls.close())

type Send = (batch: ProducerBatch) => Promise<RecordMetadata[]>

const acknowledged: Send = async ({ topicMessages = [] }) =>
  topicMessages.flatMap(({ topic, messages }) =>
    messages.map(({ partition }) => ({ topicName: topic, partition: partition!, errorCode: 0 })),
  )

/** kafkajs as far as the producer uses it. `sends` answer in turn, then everything is acknowledged. */
function fake(...sends: Send[]) {
  const made: { config: ProducerConfig; batches: ProducerBatch[] }[] = []
  let underWay = 0
  let most = 0
  const client = {
    producer: (config: ProducerConfig = {}) => {
      const one = { config, batches: [] as ProducerBatch[] }
      made.push(one)
      return {
        connect: async () => {},
        disconnect: async () => {},
        sendBatch: async (batch: ProducerBatch) => {
          one.batches.push(batch)
          most = Math.max(most, ++underWay)
          try {
            return await (sends.shift() ?? acknowledged)(batch)
          } finally {
            underWay--
          }
        },
      } as unknown as KafkaJsProducer
    },
  } satisfies Pick<Kafka, 'producer'>
  return { made, client, mostAtOnce: () => most }
}

const producerOn = (client: Pick<Kafka, 'producer'>, more: { ackTimeoutMs?: number; maxQueuedBytes?: number } = {}) =>
  new KafkaProducer({
    client,
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

test('senders that come together share one idempotent request with acks from all', async () => {
  const { made, client } = fake()
  const producer = producerOn(client)
  await Promise.all([producer.send([record(0), record(1)]), producer.send([record(1)])])
  const { config, batches } = made[0]!
  assert.deepEqual([config.idempotent, config.maxInFlightRequests, batches.length], [true, 1, 1])
  assert.equal(batches[0]?.acks, -1)
  assert.equal(batches[0]?.topicMessages?.[0]?.messages.length, 3)
  await producer.close()
})

test('requests go one at a time', async () => {
  const { client, mostAtOnce, made } = fake()
  const producer = producerOn(client)
  const sends: Promise<void>[] = []
  for (let i = 0; i < 20; i++) {
    sends.push(producer.send([record(i % 3)]))
    if (i % 5 === 0) await sends[0]
  }
  await Promise.all(sends)
  assert.equal(mostAtOnce(), 1)
  assert.ok(made[0]!.batches.length > 1)
  await producer.close()
})

test('after a failure the producer and its sequence numbers are thrown away before anything else is sent', async () => {
  const { made, client } = fake(async () => {
    throw new Error('connection closed')
  })
  const producer = producerOn(client)
  await assert.rejects(producer.send([record()]), code('UNAVAILABLE'))
  assert.equal(producer.healthy, false)
  await producer.send([record()])
  assert.deepEqual(
    made.map(({ batches }) => batches.length),
    [1, 1],
  )
  assert.equal(producer.healthy, true)
  await producer.close()
})

test('a partition that no broker acknowledged fails its request although kafkajs resolved', async () => {
  const { client } = fake(async (batch) => (await acknowledged(batch)).filter(({ partition }) => partition !== 1))
  const producer = producerOn(client)
  await assert.rejects(producer.send([record(0), record(1)]), code('UNAVAILABLE'))
  await producer.close()
})

test('no acknowledgement in time: TIMEOUT, and what waits behind is not sent when nobody waits for it', async () => {
  const gate = Promise.withResolvers<void>()
  const { made, client } = fake(async (batch) => {
    await gate.promise
    return acknowledged(batch)
  })
  const producer = producerOn(client, { ackTimeoutMs: 30 })
  const first = producer.send([record(0, 'first')])
  await assert.rejects(first, code('TIMEOUT'))
  await assert.rejects(producer.send([record(0, 'second')]), code('TIMEOUT'))
  // Timers may be a fraction of a millisecond ahead of the clock that deadlines are read on.
  await delay(5)
  gate.resolve()
  await producer.close()
  assert.equal(made.flatMap(({ batches }) => batches).length, 1)
  assert.deepEqual(producer.queued, { records: 0, bytes: 0 })
})

test('beyond the bound nothing is taken; a record that the topic refuses is refused here', async () => {
  const gate = Promise.withResolvers<void>()
  const { client } = fake(async (batch) => {
    await gate.promise
    return acknowledged(batch)
  })
  const producer = producerOn(client, { maxQueuedBytes: 1_000 })
  const large = producer.send([record(0, 'x'.repeat(5_000))])
  await assert.rejects(producer.send([record()]), code('BACK_PRESSURE'))
  gate.resolve()
  await large
  await producer.send([record()])
  await assert.rejects(producer.send([record(0, 'x'.repeat(maxValueBytes('events.raw') + 1))]), code('TOO_LARGE'))
  await producer.close()
})

test('close waits for what was taken, then takes nothing', async () => {
  const { client, made } = fake()
  const producer = producerOn(client)
  const taken = producer.send([record()])
  await producer.close()
  await taken
  assert.equal(made[0]!.batches.length, 1)
  await assert.rejects(producer.send([record()]), code('CLOSED'))
})

test('a record that comes in the very turn in which the one before is acknowledged leaves too', async () => {
  const { client } = fake()
  const producer = producerOn(client, { ackTimeoutMs: 500 })
  const send = async () => {
    await producer.send([record()])
  }
  for (let i = 0; i < 5; i++) await send()
  for (let i = 0; i < 5; i++) await producer.send([record()])
  await producer.close()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '../../log/log.ts'
import { kafkaFiles, TestBroker } from '../../testing/broker.ts'
import { until } from '../../testing/processes.ts'
import { testTls } from '../../testing/server.ts'
import { BusError } from '../errors.ts'
import { KafkaAdmin } from './admin.ts'
import { KafkaConsumer } from './consumer.ts'
import { KafkaProducer } from './producer.ts'
import { KafkaReader } from './reader.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const topic = 'events.raw'
const partitions = 3
const ackTimeoutMs = 6_000
const sessionTimeoutMs = 6_000

test('a broker that is killed -9 or stands still: what was acknowledged is there once and in order, and is read once a generation', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const { authority, tls } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  broker.start()
  const base = { brokers: [broker.address], tls, clientId: 'test', log: silentLog }
  const admin = new KafkaAdmin(base)
  const producer = new KafkaProducer({ ...base, ackTimeoutMs, maxQueuedBytes: 1_000_000, lingerMs: 0 })
  const reader = new KafkaReader({ ...base, topic })
  const members = [1, 2].map(() => new KafkaConsumer({ ...base, group: 'g', topic, sessionTimeoutMs }))
  const sending = new AbortController()
  t.after(async () => {
    sending.abort()
    for (const one of [...members, reader, producer, admin]) await one.close()
    await broker.remove()
    tls.close()
  })
  await until('the broker answers', async () => (await admin.brokers().catch(() => 0)) > 0)
  await admin.create([{ name: topic, partitions, replicas: 1, config: {} }])

  /** Each member's partitions with the place to which it has read: never backwards, and never with a gap. */
  let readGaps = 0
  let assignments = 0
  for (const consumer of members) {
    const places = new Map<number, bigint>()
    await consumer.run({
      assigned: (list) => {
        assignments++
        for (const { partition, committed } of list) places.set(partition, committed?.offset ?? 0n)
      },
      revoked: (list) => {
        for (const partition of list) places.delete(partition)
      },
      records: async (partition, records) => {
        for (const { offset } of records) {
          if (places.get(partition) !== offset) readGaps++
          places.set(partition, offset + 1n)
        }
        await consumer.commit(partition, places.get(partition)!).catch((error: unknown) => {
          assert.ok(error instanceof BusError && ['FENCED', 'UNAVAILABLE'].includes(error.code))
        })
      },
    })
  }

  let number = 0
  const acknowledged = new Set<number>()
  const outcomes = new Map<string, number>()
  const count = (what: string) => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
  const load = (async () => {
    const underWay = new Set<Promise<void>>()
    while (!sending.signal.aborted) {
      const numbers = Array.from({ length: 1 + (number % 4) }, () => number++)
      const records = numbers.map(
        (n) => ({ topic, partition: n % partitions, key: null, value: Buffer.from(`${n}`) }) as const,
      )
      const sent: Promise<void> = producer
        .send(records)
        .then(
          () => {
            count('acknowledged')
            for (const n of numbers) acknowledged.add(n)
          },
          (error: BusError) => count(error.code),
        )
        .finally(() => underWay.delete(sent))
      underWay.add(sent)
      if (underWay.size >= 40) await Promise.race(underWay)
      else await delay(1)
    }
    await Promise.all(underWay)
  })()
  const progress = async (what: string) => {
    const before = acknowledged.size
    await until(`records are acknowledged ${what}`, () => acknowledged.size > before + 200)
  }

  await progress('at first')
  for (let round = 0; round < 3; round++) {
    await delay(37 * round)
    await broker.kill()
    broker.start()
    await progress(`after kill ${round}`)
  }
  // Shorter than anybody's patience; then so long that senders, requests and sessions give up, and what they gave up arrives late.
  for (const stillMs of [1_500, ackTimeoutMs + 5_000]) {
    broker.pause()
    await delay(stillMs)
    broker.resume()
    await progress(`after ${stillMs} ms of silence`)
  }
  sending.abort()
  await load

  const written: number[][] = []
  for (let partition = 0; partition < partitions; partition++) {
    const log: number[] = []
    await reader.toEnd(partition, 0n, (records) => void log.push(...records.map(({ value }) => Number(value))))
    written.push(log)
  }
  t.diagnostic(JSON.stringify({ records: number, ...Object.fromEntries(outcomes), assignments }))
  const all = written.flat()
  assert.equal(new Set(all).size, all.length, 'nothing twice')
  const there = new Set(all)
  assert.deepEqual(
    [...acknowledged].filter((n) => !there.has(n)),
    [],
    'nothing that was acknowledged is missing',
  )
  for (const log of written)
    assert.ok(
      log.every((n, i) => i === 0 || n > log[i - 1]!),
      'in order',
    )
  assert.ok((outcomes.get('TIMEOUT') ?? 0) > 0, 'some were given up')
  await until('the group has read everything', async () => {
    const [ends, committed] = [await reader.endOffsets(), await members[0]!.committed([0, 1, 2])]
    return [...ends].every(([partition, end]) => committed.get(partition)?.offset === end)
  })
  assert.equal(readGaps, 0)
})

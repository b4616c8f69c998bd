import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../log/log.ts'
import { kafkaFiles, TestBroker } from '../../testing/broker.ts'
import { until } from '../../testing/processes.ts'
import { testTls } from '../../testing/server.ts'
import type { ConsumedRecord } from '../bus.ts'
import { KafkaAdmin } from './admin.ts'
import { KafkaProducer } from './producer.ts'
import { KafkaReader } from './reader.ts'
import { KafkaSoleConsumer } from './sole-consumer.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const topic = 'events.raw'

async function world() {
  const { authority, tls } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  broker.start()
  const base = { brokers: [broker.address], tls, clientId: 'test', log: silentLog }
  const admin = new KafkaAdmin(base)
  const producer = new KafkaProducer({ ...base, ackTimeoutMs: 20_000, maxQueuedBytes: 1_000_000, lingerMs: 0 })
  await until('the broker answers', async () => (await admin.brokers().catch(() => 0)) > 0)
  const closing: { close(): Promise<void> }[] = [producer, admin]
  return {
    base,
    admin,
    broker,
    send: (partition: number, value: string | null, key = 'k') =>
      producer.send([
        value === null
          ? { topic, partition, key: Buffer.from(key), value }
          : { topic, partition, key: Buffer.from(key), value: Buffer.from(value) },
      ]),
    open<T extends { close(): Promise<void> }>(one: T): T {
      closing.unshift(one)
      return one
    },
    async end() {
      for (const one of closing) await one.close()
      await broker.remove()
      tls.close()
    },
  }
}

test('one holder of a group on partitions of its choice: a newer one takes it at once, and the older one is fenced', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const { base, admin, send, open, end } = await world()
  t.after(end)
  await admin.create([{ name: topic, partitions: 4, replicas: 1, config: {} }])

  function holder(sessionTimeoutMs = 30_000) {
    const consumer = open(new KafkaSoleConsumer({ ...base, group: 'shard-1', topic, sessionTimeoutMs }))
    const log: string[] = []
    const run = () =>
      consumer.run({
        assigned: (list) => void log.push(`+${list.map((a) => `${a.partition}@${a.committed?.offset ?? ''}`)}`),
        revoked: (list) => void log.push(`-${list}`),
        records: (partition, records) => void log.push(...records.map(({ value }) => `${partition}:${value}`)),
      })
    return { consumer, log, run }
  }

  for (const partition of [0, 1, 2]) await send(partition, `first-${partition}`)
  const old = holder()
  await old.consumer.choose([0, 1])
  await old.run()
  await until('both partitions were read', () => old.log.length >= 3)
  assert.deepEqual(old.log.sort(), ['+0@,1@', '0:first-0', '1:first-1'])
  await old.consumer.commit(1, 1n, 'position 7')

  old.log.length = 0
  await old.consumer.choose([1, 2])
  assert.deepEqual(old.log.slice(0, 2), ['-0', '+2@'])
  await until('the new partition was read', () => old.log.includes('2:first-2'))
  await assert.rejects(old.consumer.commit(0, 1n), { code: 'FENCED' })
  await send(1, 'second')
  await until('the one that stayed goes on', () => old.log.includes('1:second'))

  // The session of the holder before has half a minute left: nobody waits for it.
  const fresh = holder()
  await fresh.consumer.choose([1])
  const began = performance.now()
  await fresh.run()
  await until('the new holder goes on from the commit', () => fresh.log.includes('1:second'))
  assert.ok(performance.now() - began < 25_000)
  assert.deepEqual(fresh.log, ['+1@1', '1:second'])
  assert.equal((await fresh.consumer.committed([1])).get(1)?.metadata, 'position 7')
  await assert.rejects(old.consumer.commit(1, 2n), { code: 'FENCED' })
  await until('the old holder is told', () => old.log.at(-1) === '-1,2')
  await fresh.consumer.commit(1, 2n)
  assert.deepEqual(Object.fromEntries(await fresh.consumer.endOffsets()), { 0: 1n, 1: 2n, 2: 1n, 3: 0n })

  // It does not take the group back while somebody holds it, and does when nobody does.
  old.log.length = 0
  await send(1, 'third')
  await until('the new holder reads on', () => fresh.log.includes('1:third'))
  await fresh.consumer.commit(1, 3n)
  assert.deepEqual(old.log, [])
  await fresh.consumer.close()
  await until('the old holder is back', () => old.log.length > 0)
  assert.deepEqual(old.log[0], '+1@3,2@')
})

test('a reader brings what a compacted topic holds and goes on with what comes; one partition from a place to its end', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const { base, admin, broker, send, open, end } = await world()
  t.after(end)
  const reader = open(new KafkaReader({ ...base, topic }))
  const seen: string[] = []
  const handle = (records: readonly ConsumedRecord[]) =>
    void seen.push(...records.map(({ offset, key, value }) => `${offset} ${key}=${value}`))
  // Asked before there is a topic.
  const reading = reader.toEnd(0, undefined, handle)
  const config = {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.01',
    'segment.ms': '500',
    'max.compaction.lag.ms': '500',
  }
  await admin.create([{ name: topic, partitions: 2, replicas: 1, config }])
  assert.equal(await reading, 0n)
  assert.equal(seen.length, 0)

  for (let i = 0; i < 5; i++) await send(0, `${i}`, `key-${i % 2}`)
  await send(0, null, 'key-1')
  const place = await reader.toEnd(0, 3n, handle)
  assert.deepEqual([place, seen], [6n, ['3 key-1=3', '4 key-0=4', '5 key-1=']])
  seen.length = 0
  assert.equal(await reader.toEnd(0, 6n, handle), 6n)
  const stop = reader.follow(0, place, handle)
  await send(0, 'five', 'key-2')
  await until('what came was handed over', () => seen.length > 0)
  assert.deepEqual(seen, ['6 key-2=five'])

  // Offsets with gaps: the broker drops what newer records of the same key replaced.
  await until('the topic is compacted', async () => {
    await send(0, 'x', 'tick')
    const keys: string[] = []
    await reader.toEnd(0, undefined, (records) => void keys.push(...records.map(({ key }) => `${key}`)))
    return keys.filter((key) => key === 'key-0').length === 1
  })
  const last = new Map<string, string>()
  await reader.toEnd(0, undefined, (records) =>
    records.forEach(({ key, value }) => void last.set(`${key}`, `${value}`)),
  )
  assert.equal(last.get('key-0'), '4')
  assert.equal(last.get('key-2'), 'five')

  // The broker dies and comes back: following goes on where it stood.
  await broker.kill()
  await until('the reader notices', () => !reader.healthy)
  broker.start()
  await send(0, 'after', 'key-3')
  await until('what came after was handed over', () => seen.some((text) => text.endsWith('key-3=after')))
  const offsets = seen.map((text) => Number(text.split(' ')[0]))
  assert.deepEqual(
    offsets,
    offsets.map((_, i) => 6 + i),
    'each once and in order',
  )
  await stop()
  const asked = new AbortController()
  asked.abort(new Error('enough'))
  await assert.rejects(reader.toEnd(0, undefined, handle, { signal: asked.signal }), /enough/)
  await assert.rejects(
    reader.toEnd(0, undefined, () => {
      throw new Error('cannot be applied')
    }),
    /cannot be applied/,
  )
})

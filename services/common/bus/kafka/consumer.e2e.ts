import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLog } from '../../log/log.ts'
import { kafkaFiles, TestBroker } from '../../testing/broker.ts'
import { until } from '../../testing/processes.ts'
import { testTls } from '../../testing/server.ts'
import type { Assignment } from '../bus.ts'
import { BusError } from '../errors.ts'
import { KafkaAdmin } from './admin.ts'
import { KafkaConsumer } from './consumer.ts'
import { KafkaProducer } from './producer.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const topic = 'events.raw'
const partitions = 4

test('a group on real brokers: commits with their text, fencing, slow work, hand-over', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const { authority, tls } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  broker.start()
  const base = { brokers: [broker.address], tls, clientId: 'test', log: silentLog }
  const admin = new KafkaAdmin(base)
  const producer = new KafkaProducer({ ...base, ackTimeoutMs: 20_000, maxQueuedBytes: 1_000_000 })
  const members: { readonly consumer: KafkaConsumer }[] = []
  t.after(async () => {
    for (const { consumer } of members) await consumer.close()
    await producer.close()
    await admin.close()
    await broker.remove()
    tls.close()
  })

  function member() {
    const consumer = new KafkaConsumer({ ...base, group: 'g', topic, sessionTimeoutMs: 6_000 })
    const seen: string[] = []
    const log: string[] = []
    const state = { consumer, seen, log, owned: [] as readonly Assignment[], work: async (_: AbortSignal) => {} }
    void consumer.run({
      assigned: (assignments) => {
        state.owned = assignments
        log.push(`assigned ${assignments.length}`)
      },
      revoked: (gone) => {
        state.owned = []
        log.push(`revoked ${gone.length}`)
      },
      records: async (partition, records, signal) => {
        for (const { offset, value } of records) seen.push(`${partition}/${offset}/${value}`)
        await state.work(signal)
      },
    })
    members.push(state)
    return state
  }
  const send = (value: string) =>
    producer.send([0, 1, 2, 3].map((partition) => ({ topic, partition, key: null, value: Buffer.from(value) })))

  for (;;) {
    const up = await admin.brokers().catch(() => 0)
    if (up > 0) break
    await delay(200)
  }
  // The member is there before its topic, as a sink that starts first.
  const first = member()
  await admin.create([{ name: topic, partitions, replicas: 1, config: {} }])
  await send('a')
  await send('b')
  await until('the first member has read everything', () => first.seen.length === 8)
  assert.deepEqual(
    first.owned.map(({ committed }) => committed),
    [undefined, undefined, undefined, undefined],
  )
  assert.deepEqual(Object.fromEntries(await first.consumer.endOffsets()), { 0: 2n, 1: 2n, 2: 2n, 3: 2n })
  for (const partition of [0, 1, 2, 3]) await first.consumer.commit(partition, 1n, `end=2,${partition}`)

  // Longer than the session: the heartbeats of a busy member go on.
  let aborted = false
  first.work = (signal) =>
    Promise.race([
      delay(9_000),
      new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => {
          aborted = true
          resolve()
        }),
      ),
    ])
  await producer.send([{ topic, partition: 0, key: null, value: Buffer.from('slow') }])
  await until('the slow record is there', () => first.seen.includes('0/2/slow'))
  await delay(7_500)
  assert.deepEqual([aborted, first.log], [false, ['assigned 4']])
  await first.consumer.commit(1, 1n, 'end=2,1')

  // A second member: the first is told to stop, and its commits of what it lost are refused.
  await producer.send([{ topic, partition: 0, key: null, value: Buffer.from('slow too') }])
  await until('slow work is under way again', () => first.seen.includes('0/3/slow too'))
  const second = member()
  await until('both have partitions', () => first.owned.length === 2 && second.owned.length === 2)
  assert.equal(aborted, true)
  assert.deepEqual(first.log, ['assigned 4', 'revoked 4', 'assigned 2'])
  first.work = async () => {}
  const [lost] = second.owned
  assert.deepEqual(lost?.committed, { offset: 1n, metadata: `end=2,${lost?.partition}` })
  await assert.rejects(
    first.consumer.commit(lost!.partition, 2n),
    (error: unknown) => error instanceof BusError && error.code === 'FENCED',
  )
  await until('the second reads on from the commit', () => second.seen.includes(`${lost?.partition}/1/b`))
  assert.ok(!second.seen.some((text) => text.endsWith('/0/a')))

  // It leaves: the first owns all again, from the commits.
  await second.consumer.commit(lost!.partition, 2n, 'by the second')
  await second.consumer.close()
  assert.equal(second.log.at(-1), 'revoked 2')
  await until('the first owns all again', () => first.owned.length === 4)
  const taken = first.owned.find(({ partition }) => partition === lost?.partition)
  assert.deepEqual(taken?.committed, { offset: 2n, metadata: 'by the second' })

  // A paused partition brings nothing until it is resumed.
  first.consumer.pause(3)
  await send('c')
  await until('the others came', () =>
    [0, 1, 2].every((p) => first.seen.some((s) => s.startsWith(`${p}/`) && s.endsWith('/c'))),
  )
  assert.ok(!first.seen.some((text) => text.startsWith('3/') && text.endsWith('/c')))
  first.consumer.resume(3)
  await until('the paused one came', () => first.seen.some((text) => text.startsWith('3/') && text.endsWith('/c')))
})

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { decodeRecord } from '../../common/codec/record.ts'
import { silentLog } from '../../common/log/log.ts'
import { encodeMapRecord } from '../../common/sharding/format.ts'
import { ShardMap } from '../../common/sharding/map.ts'
import { slotOf } from '../../common/sharding/slot.ts'
import { placedMap } from '../../common/sharding/testing.ts'
import { kafkaFiles, TestBroker } from '../../common/testing/broker.ts'
import { freePort, until } from '../../common/testing/processes.ts'
import { testTls } from '../../common/testing/server.ts'
import { TlsFiles } from '../../common/tls/material.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'

test('killed -9 in the middle of it, broker and collector lose nothing that was acknowledged', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { authority, tls, call } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const port = await freePort()
  const adminPort = await freePort()
  const tenantsFile = join(authority.root, 'tenants.json')
  const tokenSha256 = createHash('sha256').update('nd_acme').digest('hex')
  writeFileSync(tenantsFile, JSON.stringify({ tenants: [{ tenant: 'acme', tokenSha256, homeRegion: 'local' }] }))
  const env = {
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: join(authority.root, 'event-collector'),
    ND_KAFKA_BROKERS: broker.address,
    ND_TENANTS_FILE: tenantsFile,
    ND_LISTEN: '127.0.0.1',
    ND_HTTPS_PORT: port.toString(),
    ND_ADMIN_PORT: adminPort.toString(),
    ND_SYSLOG_TLS_PORT: '0',
    ND_SYSLOG_TCP_PORT: '0',
    ND_SYSLOG_UDP_PORT: '0',
  }
  const children = new Set<ChildProcess>()
  let output = ''
  const run = (file: string, more: Record<string, string> = {}) => {
    const entry = new URL(file, import.meta.url).pathname
    const child = spawn(process.execPath, [entry], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk
      })
    children.add(child)
    return child
  }
  const ended = async (child: ChildProcess) => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    children.delete(child)
    return child.exitCode
  }
  const kafka = {
    brokers: [broker.address],
    tls: new TlsFiles(env.ND_TLS_DIR, silentLog),
    clientId: 'test',
    log: silentLog,
  }
  const consumer = new KafkaConsumer({ ...kafka, group: 'test', topic: 'events.raw' })
  const manager = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 2 ** 20 })
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await consumer.close()
    await manager.close()
    await broker.remove()
    tls.close()
  })

  broker.start()
  const topics = '../../platform/topics/main.ts'
  assert.equal(await ended(run(topics)), 0, output)
  assert.equal(await ended(run(topics)), 0, output)

  let collector = run('./main.ts')
  const ready = () =>
    call(adminPort, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    )
  await until('the collector is ready', ready)

  // What the group reads; a record may come twice, an event must come.
  const read = new Map<string, string>()
  const slotRead = new Map<string, number>()
  await consumer.run({
    assigned: () => {},
    revoked: () => {},
    records: async (partition, records) => {
      for (const { key, value } of records) {
        const { tenant, batch, lines, events } = decodeRecord(value, 2 ** 20)
        for (const [i, line] of lines.entries()) {
          read.set(eventId(tenant, batch, line), events[i]!.toString())
          slotRead.set(eventId(tenant, batch, line), key!.readUInt32BE())
        }
      }
      // As the sink does: a commit behind what was read, with a text.
      await consumer.commit(partition, records[0]!.offset, `end=${records.at(-1)!.offset}`).catch(() => {})
    },
  })

  const acknowledged = new Map<string, string>()
  const answers = new Map<string, number>()
  let batches = 0
  let sending = true
  const sender = async () => {
    while (sending) {
      const batch = `b${batches++}`
      const events = Array.from({ length: 20 }, (_, line) => JSON.stringify({ batch, line, text: 'x'.repeat(300) }))
      const headers = {
        authorization: 'Bearer nd_acme',
        'content-type': 'application/x-ndjson',
        'idempotency-key': batch,
      }
      for (;;) {
        const status = await call(port, '/v1/events', { method: 'POST', body: events.join('\n'), headers }).then(
          (reply) => reply.status,
          () => 0,
        )
        answers.set(`${status}`, (answers.get(`${status}`) ?? 0) + 1)
        if (status === 200) break
        await delay(100)
      }
      for (const [line, event] of events.entries()) acknowledged.set(eventId('acme', batch, line), event)
    }
  }
  const senders = [1, 2, 3, 4, 5, 6].map(sender)
  const more = (events: number) => {
    const goal = acknowledged.size + events
    return until(`${events} more events are acknowledged`, () => acknowledged.size >= goal)
  }
  await more(2_000)
  for (const _ of [1, 2]) {
    await broker.kill()
    broker.start()
    await more(2_000)
    collector.kill('SIGKILL')
    await ended(collector)
    collector = run('./main.ts')
    await more(2_000)
  }
  // A graceful stop answers what is in flight; the senders see no broken answer that was acknowledged.
  collector.kill('SIGTERM')
  assert.equal(await ended(collector), 0, output)
  collector = run('./main.ts')
  await more(1_000)
  sending = false
  await Promise.all(senders)
  t.diagnostic(`${acknowledged.size} events acknowledged; answers ${JSON.stringify(Object.fromEntries(answers))}`)
  await until('everything is read', () => [...acknowledged.keys()].every((id) => read.has(id)))
  for (const [id, event] of acknowledged) assert.equal(read.get(id), event)
  assert.ok((answers.get('0') ?? 0) + (answers.get('503') ?? 0) > 0, 'nothing was in flight at any kill')

  assert.deepEqual([...new Set(slotRead.values())], [slotOf('acme')])

  // A map that splits the tenant, for the collector that runs and for one that starts after it: never the slot of the name again.
  const content = placedMap({ tenant: 'acme', slots: [4_100, 4_101, 4_102] })
  const map = new ShardMap(content)
  for (const [key, record] of [
    ['claim', { kind: 'claim', term: 1, writer: 'a' }],
    ['map', { kind: 'map', term: 1, writer: 'a', content }],
  ] as const)
    await manager.send([{ topic: 'shards.map', partition: 0, key: Buffer.from(key), value: encodeMapRecord(record) }])
  const version = async () =>
    /^nd_shard_map_version (\d+)$/m.exec((await call(adminPort, '/metrics', { cert: tls.current })).body)?.[1]
  await until('the collector has the map', async () => (await version()) === '1')
  for (const batch of ['split-1', 'split-2']) {
    const events = Array.from({ length: 30 }, (_, i) => JSON.stringify({ host: `h${i}` }))
    const headers = {
      authorization: 'Bearer nd_acme',
      'content-type': 'application/x-ndjson',
      'idempotency-key': batch,
    }
    const reply = await call(port, '/v1/events', { method: 'POST', body: events.join('\n'), headers })
    assert.deepEqual([reply.status, reply.json.accepted], [200, 30])
    const ids = events.map((_, line) => eventId('acme', batch, line))
    await until(`${batch} is read`, () => ids.every((id) => read.has(id)))
    for (const [i, id] of ids.entries())
      assert.deepEqual([read.get(id), slotRead.get(id)], [events[i], map.slotOf('acme', () => `h${i}`)])
    collector.kill('SIGTERM')
    assert.equal(await ended(collector), 0, output)
    collector = run('./main.ts')
    await until('the collector is ready', ready)
  }

  const committed = await consumer.committed([0, 1, 2, 3, 4, 5, 6, 7])
  assert.match([...committed.values()][0]?.metadata ?? '', /^end=\d+$/)
  assert.doesNotMatch(output, /TimeoutNegativeWarning|nd_acme|xxxx/)
})

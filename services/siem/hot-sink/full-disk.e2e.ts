import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { decodeRecord, encodeRecord } from '../../common/codec/record.ts'
import { hotTierClient } from '../../common/hot-tier/client.ts'
import { eventsTable } from '../../common/hot-tier/schema.ts'
import { silentLog } from '../../common/log/log.ts'
import { partitionOf, slotOf } from '../../common/sharding/slot.ts'
import { kafkaFiles, TestBroker } from '../../common/testing/broker.ts'
import { freePort, Processes, until } from '../../common/testing/processes.ts'
import { type TestReply, testTls } from '../../common/testing/server.ts'
import { mayMount, SmallDisk } from '../../common/testing/small-disk.ts'
import { TlsFiles } from '../../common/tls/material.ts'

const files = kafkaFiles()
const skip =
  (files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.') ||
  (!mayMount && 'Only root can mount a disk that is small enough to fill.')
const partitions = 8
const topicsJob = new URL('../../platform/topics/main.ts', import.meta.url)
/** No answer of the platform takes longer than this, or it hangs. */
const fuseMs = 3 * milliseconds(objectives.ingest.ackTimeout)

test("the hot tier's disk is full: the sink says what to do, keeps the block, and stores it when there is room", {
  skip,
  timeout: 180_000,
}, async (t) => {
  const { authority, tls, call } = await testTls('hot-sink')
  const disk = new SmallDisk(32)
  t.after(() => disk.remove())
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const [port, clickhouseAdmin, admin] = [await freePort(), await freePort(), await freePort()]
  const password = 'correct horse'
  const usersFile = join(authority.root, 'users.json')
  const passwordFile = join(authority.root, 'password')
  writeFileSync(usersFile, JSON.stringify({ sink: { password, access: 'write' } }))
  writeFileSync(passwordFile, password)
  const clickhouseTls = await authority.issue('clickhouse')
  const url = `https://127.0.0.1:${port}`
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: join(authority.root, 'hot-sink'),
    ND_KAFKA_BROKERS: broker.address,
    ND_LISTEN: '127.0.0.1',
    ND_ADMIN_PORT: admin.toString(),
    ND_SYSLOG_TLS_PORT: '0',
    ND_SYSLOG_TCP_PORT: '0',
    ND_SYSLOG_UDP_PORT: '0',
    ND_CLICKHOUSE_URL: url,
    ND_CLICKHOUSE_USER: 'sink',
    ND_CLICKHOUSE_PASSWORD_FILE: passwordFile,
  })
  const kafka = {
    brokers: [broker.address],
    tls: new TlsFiles(join(authority.root, 'hot-sink'), silentLog),
    clientId: 'test',
    log: silentLog,
  }
  const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 64 * 2 ** 20 })
  const group = new KafkaConsumer({ ...kafka, group: 'hot-sink', topic: 'events.raw' })
  const client = hotTierClient({
    config: { url: new URL(url), user: 'sink', password },
    tls: kafka.tls,
    application: 'test',
    timeoutMs: 20_000,
    maxConnections: 2,
  })
  t.after(async () => {
    await processes.killAll()
    await Promise.all([producer.close(), group.close(), client.close()])
    await broker.remove()
    kafka.tls.close()
    tls.close()
  })

  broker.start()
  assert.equal(await processes.ended(processes.run(topicsJob)), 0, processes.output)
  processes.run(new URL('../../../infra/local/clickhouse/main.ts', import.meta.url), {
    ND_DATA_DIR: disk.path,
    ND_TLS_DIR: clickhouseTls,
    ND_CLICKHOUSE_USERS_FILE: usersFile,
    ND_PORT: port.toString(),
    ND_ADMIN_PORT: clickhouseAdmin.toString(),
  })
  const entry = new URL('./main.ts', import.meta.url)
  let sink = processes.run(entry)
  const readiness = () => call(admin, '/readyz').catch(() => undefined)
  const ready = async () => (await readiness())?.status === 200

  const expected = new Map<string, string>()
  const send = async (tenant: string, batch: string, count: number, text: string) => {
    const events = Array.from({ length: count }, (_, line) => JSON.stringify({ batch, line, text }))
    const value = encodeRecord({
      tenant,
      batch,
      arrival: Date.now(),
      lines: events.map((_, line) => line),
      events: events.map((event) => Buffer.from(event)),
    })
    await producer.send([{ topic: 'events.raw', partition: partitionOf(slotOf(tenant), partitions), key: null, value }])
    for (const [line, event] of events.entries()) expected.set(eventId(tenant, batch, line), event)
  }
  const rows = async <T>(query: string): Promise<T[]> =>
    (await client.query({ query, format: 'JSONEachRow' })).json<T>()
  const stored = async () => Number((await rows<{ n: string }>(`SELECT count() AS n FROM ${eventsTable}`))[0]!.n)
  const everythingCommitted = async () => {
    const ends = await group.endOffsets()
    const commits = await group.committed([...ends.keys()])
    return [...ends].every(
      ([partition, end]) =>
        end === 0n || (commits.get(partition)?.offset === end && commits.get(partition)?.metadata === ''),
    )
  }

  await until('the sink is ready', ready)
  await send('acme', 'before', 50, 'x')
  await until('events are stored while there is room', async () => (await stored()) === 50)

  disk.fill(512 * 1024)
  // Rows that the server can still take in, and the engine refuses; and rows that do not even fit the server's spool.
  await send('acme', 'small', 100, 'y'.repeat(100))
  await send('globex', 'large', 100, 'z'.repeat(20_000))
  const todo = /Free space on the disk of the hot tier or enlarge its volume\./
  const told = async () => {
    await until('readiness says what to do', async () => todo.test((await readiness())?.body ?? ''))
    const { status, body } = (await readiness())!
    assert.equal(status, 503)
    assert.match(body, /is held back \(DISK_FULL\)/)
  }
  await told()
  const toldPartitions = () =>
    new Set(
      processes.output
        .split('\n')
        .filter((line) => line.includes('A block is not stored yet') && todo.test(line))
        .filter((line) => line.includes('error 243 (NOT_ENOUGH_SPACE)'))
        .map((line) => JSON.parse(line).partition),
    )
  await until('the log says so of both', () => toldPartitions().size === 2)
  await until('the sink keeps trying', async () => {
    const { body } = await call(admin, '/metrics', { cert: tls.current })
    return Number(/^nd_errors_total\{reason="DISK_FULL"\} (\d+)$/m.exec(body)?.[1]) >= 4
  })
  // Nothing of it counts as stored, and a sink that is killed now leaves it to the next.
  assert.equal(await everythingCommitted(), false)
  await processes.kill(sink)
  sink = processes.run(entry)
  await told()
  assert.equal(await stored(), 50)

  disk.clear()
  await until('everything is stored', async () => (await stored()) >= expected.size)
  await until('the sink is ready again', ready)
  await send('acme', 'small', 100, 'y'.repeat(100))
  await until('everything is committed', everythingCommitted)
  const all = await rows<{ id: string; raw: string; n: string }>(
    `SELECT event_id AS id, any(raw) AS raw, count() AS n FROM ${eventsTable} GROUP BY event_id`,
  )
  assert.deepEqual(
    all.filter(({ n }) => Number(n) !== 1),
    [],
  )
  assert.deepEqual(new Map(all.map(({ id, raw }) => [id, raw])), expected)
  t.diagnostic(`failures told: ${[...new Set(processes.output.match(/The (hot tier answered|exchange)[^.]*\./g))]}`)
  sink.kill('SIGTERM')
  assert.equal(await processes.ended(sink), 0, processes.output.slice(-4_000))
  assert.doesNotMatch(processes.output, /correct horse|yyyy|zzzz|unhandled/i)
})

test("Kafka's disk is full: the collector answers 503 until there is room, and what it acknowledged is kept", {
  skip,
  timeout: 180_000,
}, async (t) => {
  const { authority, tls, call } = await testTls()
  const disk = new SmallDisk(16)
  t.after(() => disk.remove())
  const broker = await TestBroker.create(files!, await authority.issue('kafka'), disk.path)
  const [port, admin] = [await freePort(), await freePort()]
  const tenantsFile = join(authority.root, 'tenants.json')
  const tokenSha256 = createHash('sha256').update('nd_acme').digest('hex')
  writeFileSync(tenantsFile, JSON.stringify({ tenants: [{ tenant: 'acme', tokenSha256, homeRegion: 'local' }] }))
  const tlsDir = join(authority.root, 'event-collector')
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: tlsDir,
    ND_KAFKA_BROKERS: broker.address,
    ND_TENANTS_FILE: tenantsFile,
    ND_LISTEN: '127.0.0.1',
    ND_HTTPS_PORT: port.toString(),
    ND_ADMIN_PORT: admin.toString(),
  })
  const consumer = new KafkaConsumer({
    brokers: [broker.address],
    tls: new TlsFiles(tlsDir, silentLog),
    clientId: 'test',
    log: silentLog,
    group: 'test',
    topic: 'events.raw',
  })
  t.after(async () => {
    await processes.killAll()
    await consumer.close()
    await broker.remove()
    tls.close()
  })

  broker.start()
  assert.equal(await processes.ended(processes.run(topicsJob)), 0, processes.output)
  processes.run(new URL('../event-collector/main.ts', import.meta.url))
  await until('the collector is ready', () =>
    call(admin, '/readyz').then(
      ({ status }) => status === 200,
      () => false,
    ),
  )

  // Events that no compression makes small.
  const bodies = new Map<string, string[]>()
  const acknowledged = new Map<string, string>()
  const send = async (batch: string): Promise<TestReply> => {
    let events = bodies.get(batch)
    if (events === undefined) {
      events = [0, 1, 2].map((line) => JSON.stringify({ batch, line, text: randomBytes(96 * 1024).toString('base64') }))
      bodies.set(batch, events)
    }
    const reply = await Promise.race([
      call(port, '/v1/events', {
        method: 'POST',
        body: events.join('\n'),
        headers: {
          authorization: 'Bearer nd_acme',
          'content-type': 'application/x-ndjson',
          'idempotency-key': batch,
        },
      }),
      delay(fuseMs, undefined, { ref: false }).then(() => assert.fail(`Batch ${batch} is not answered.`)),
    ])
    if (reply.status === 200)
      for (const [line, event] of events.entries()) acknowledged.set(eventId('acme', batch, line), event)
    return reply
  }

  const refused: string[] = []
  const refusal = (batch: string, { status, headers, json, body }: TestReply) => {
    assert.equal(status, 503, body)
    assert.match(json.error, /^(UNAVAILABLE|TIMEOUT)$/)
    assert.equal(
      json.message,
      'Kafka has not acknowledged this batch, so it may be lost: send it again with the same Idempotency-Key.',
    )
    assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/)
    refused.push(batch)
  }
  for (let round = 0; refused.length === 0; round++) {
    assert.ok(round < 100, 'more was acknowledged than the disk holds')
    const batches = [0, 1, 2, 3].map((i) => `b${round}-${i}`)
    const replies = await Promise.all(batches.map(send))
    for (const [i, reply] of replies.entries()) if (reply.status !== 200) refusal(batches[i]!, reply)
  }
  assert.ok(acknowledged.size > 0)
  // It stays so for as long as there is no room.
  refusal('later', await send('later'))
  t.diagnostic(`${acknowledged.size} events acknowledged, ${refused.length} batches refused, ${disk.free} bytes free`)
  assert.match(broker.log, /No space left on device/)

  await broker.kill()
  disk.grow(256)
  broker.start()
  const again = async (batch: string) => {
    const reply = await send(batch)
    assert.ok(reply.status === 200 || reply.status === 503, reply.body)
    return reply.status === 200
  }
  await Promise.all(refused.map((batch) => until(`batch ${batch} is acknowledged`, () => again(batch))))

  const read = new Map<string, string>()
  await consumer.run({
    assigned: () => {},
    revoked: () => {},
    records: (_, records) => {
      for (const { value } of records) {
        const { tenant, batch, lines, events } = decodeRecord(value, 2 ** 20)
        for (const [i, line] of lines.entries()) read.set(eventId(tenant, batch, line), events[i]!.toString())
      }
    },
  })
  await until('every acknowledged event is read', () => [...acknowledged.keys()].every((id) => read.has(id)))
  assert.equal(acknowledged.size, 3 * bodies.size)
  for (const [id, event] of acknowledged) assert.ok(read.get(id) === event, id)
  assert.doesNotMatch(processes.output, /nd_acme|unhandled/i)
})

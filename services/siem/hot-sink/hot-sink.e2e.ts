import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { hotTierClient } from '../../common/hot-tier/client.ts'
import { eventsTable } from '../../common/hot-tier/schema.ts'
import { silentLog } from '../../common/log/log.ts'
import { Placing } from '../../common/placing/placing.ts'
import { eventRecords } from '../../common/placing/records.ts'
import { encodeMapRecord } from '../../common/sharding/format.ts'
import { ShardMap } from '../../common/sharding/map.ts'
import { exampleMap, replaced } from '../../common/sharding/testing.ts'
import { kafkaFiles, TestBroker } from '../../common/testing/broker.ts'
import { freePort, Processes, until } from '../../common/testing/processes.ts'
import { seeded } from '../../common/testing/random.ts'
import { testTls } from '../../common/testing/server.ts'
import { TlsFiles } from '../../common/tls/material.ts'
import { readCommit } from './intent.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const partitions = 8
const tenants = ['acme', 'globex', 'initech', 'umbrella']
const password = 'correct horse'
const seed = Number(process.env.ND_TEST_SEED ?? 20_260_105)

test('killed -9 at any moment, also while placements change, sinks and hot tier store every event exactly once', {
  skip,
  timeout: 480_000,
}, async (t) => {
  const { authority, tls, call } = await testTls('hot-sink')
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const data = mkdtempSync(join(tmpdir(), 'nd-test-clickhouse-'))
  const [clickhousePort, clickhouseAdmin] = [await freePort(), await freePort()]
  const usersFile = join(authority.root, 'users.json')
  const passwordFile = join(authority.root, 'password')
  writeFileSync(usersFile, JSON.stringify({ sink: { password, access: 'write' } }))
  writeFileSync(passwordFile, password)
  const env = {
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: join(authority.root, 'hot-sink'),
    ND_KAFKA_BROKERS: broker.address,
    ND_LISTEN: '127.0.0.1',
    ND_CLICKHOUSE_URL: `https://127.0.0.1:${clickhousePort}`,
    ND_CLICKHOUSE_USER: 'sink',
    ND_CLICKHOUSE_PASSWORD_FILE: passwordFile,
  }
  const processes = new Processes(env)
  const run = (file: string, more: Record<string, string> = {}) => processes.run(new URL(file, import.meta.url), more)
  const ended = (child: ChildProcess) => processes.ended(child)
  const kill = (child: ChildProcess) => processes.kill(child)
  const clickhouseTls = await authority.issue('clickhouse')
  const hotTier = () =>
    run('../../../infra/local/clickhouse/main.ts', {
      ND_DATA_DIR: data,
      ND_TLS_DIR: clickhouseTls,
      ND_CLICKHOUSE_USERS_FILE: usersFile,
      ND_PORT: clickhousePort.toString(),
      ND_ADMIN_PORT: clickhouseAdmin.toString(),
    })
  const adminPorts = [await freePort(), await freePort()]
  const sink = (which: number) => run('./main.ts', { ND_ADMIN_PORT: adminPorts[which]!.toString() })
  const readiness = (which: number) => call(adminPorts[which]!, '/readyz').catch(() => undefined)
  const ready = async (which: number) => (await readiness(which))?.status === 200

  const kafka = {
    brokers: [broker.address],
    tls: new TlsFiles(env.ND_TLS_DIR, silentLog),
    clientId: 'test',
    log: silentLog,
  }
  const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 64 * 2 ** 20 })
  const group = new KafkaConsumer({ ...kafka, group: 'hot-sink', topic: 'events.raw' })
  const letters = new KafkaConsumer({ ...kafka, group: 'test', topic: 'events.dead-letter' })
  const client = hotTierClient({
    config: { url: new URL(env.ND_CLICKHOUSE_URL), user: 'sink', password },
    tls: kafka.tls,
    application: 'test',
    timeoutMs: 20_000,
    maxConnections: 2,
  })
  t.after(async () => {
    await processes.killAll()
    await Promise.all([producer.close(), group.close(), letters.close(), client.close()])
    await broker.remove()
    rmSync(data, { recursive: true, force: true })
    kafka.tls.close()
    tls.close()
  })

  broker.start()
  // Two sinks are there before the hot tier and the topic.
  const sinks = [sink(0), sink(1)]
  assert.equal(await ended(run('../../platform/topics/main.ts')), 0, processes.output)
  let clickhouse = hotTier()
  await until('both sinks are ready', async () => (await ready(0)) && (await ready(1)))

  const pick = seeded(seed)
  const began = Date.now() + 8_000
  const midnight = Date.UTC(2026, 0, 6)
  const expected = new Map<string, string>()
  const recent: { tenant: string; batch: string; events: Buffer[] }[] = []
  let broken = 0
  let batches = 0
  let again = 0
  let late = 0
  let sending = true
  const versions = [new ShardMap(exampleMap(2, { partitions }))]
  const publish = (record: Parameters<typeof encodeMapRecord>[0], name: string) =>
    producer.send([{ topic: 'shards.map', partition: 0, key: Buffer.from(name), value: encodeMapRecord(record) }])
  /** Isolates a tenant, splits it, or lets it go back. */
  const place = async () => {
    const tenant = tenants[Math.floor(pick() * tenants.length)]!
    const slots = Array.from({ length: Math.floor(pick() * 4) }, () => 4_096 + Math.floor(pick() * 200))
    const content = replaced(versions.at(-1)!.content, tenant, [...new Set(slots)])
    await publish({ kind: 'map', term: 1, writer: 'test', content }, `map/1/${content.version}/test/0`)
    versions.push(new ShardMap(content))
  }
  const send = async ({ tenant, batch, events }: (typeof recent)[number]) => {
    // Midnight passes while the killing goes on; collectors' clocks differ a little, and blocks are cut at each change of the day.
    const arrival = Math.floor(midnight + Date.now() - began + pick() * 50)
    // Some collectors are behind the map.
    const known = versions.at(-1 - Math.floor(pick() * 1.3)) ?? versions[0]!
    if (known.usedSince(tenant) < versions.at(-1)!.usedSince(tenant)) late++
    const records = eventRecords(
      events.map((bytes, line) => ({ line, bytes })),
      { tenant, batch, arrival },
      { ...new Placing({ current: known }).of(tenant), partitions },
    )
    const { partition, value } = records[0]!
    const spoiled =
      pick() < 0.02 ? [{ topic: 'events.raw' as const, partition, key: null, value: value.subarray(1) }] : []
    broken += spoiled.length
    await producer.send([...spoiled, ...records])
    for (const [line, event] of events.entries()) expected.set(eventId(tenant, batch, line), event.toString())
  }
  const sender = async () => {
    while (sending) {
      const old = recent[Math.floor(pick() * recent.length)]
      if (old && pick() < 0.2) {
        again++
        await send(old)
      } else {
        const tenant = tenants[Math.floor(pick() * tenants.length)]!
        const batch = `b'${batches++}`
        const events = Array.from({ length: 1 + Math.floor(pick() * 60) }, (_, line) =>
          Buffer.from(
            JSON.stringify({
              EventID: line,
              host: `h${line % 5}`,
              Channel: 'Security',
              batch,
              text: 'x\r\n'.repeat(Math.floor(pick() * 200)),
            }),
          ),
        )
        await send({ tenant, batch, events })
        recent.push({ tenant, batch, events })
      }
      await delay(5)
    }
  }
  await publish({ kind: 'claim', term: 1, writer: 'test' }, 'claim/1/test/0')
  await publish({ kind: 'map', term: 1, writer: 'test', content: versions[0]!.content }, 'map/1/1/test/0')
  const senders = [1, 2, 3].map(sender)
  const rows = async <T>(query: string): Promise<T[]> =>
    (await client.query({ query, format: 'JSONEachRow' })).json<T>()
  const stored = () =>
    rows<{ n: string }>(`SELECT count() AS n FROM ${eventsTable}`).then(
      ([row]) => Number(row?.n),
      () => -1,
    )

  await until('events are stored', async () => (await stored()) > 500)
  for (let round = 0; round < 8; round++) {
    await delay(200 + pick() * 1_500)
    await place()
    const which = Math.floor(pick() * 4)
    t.diagnostic(`round ${round}: kill ${['sink 0', 'sink 1', 'hot tier', 'hot tier and sink 0'][which]}`)
    if (which >= 2) await kill(clickhouse)
    if (round % 2 === 1) await place()
    if (which !== 2) {
      const victim = which % 2 === 1 && which < 2 ? 1 : 0
      await kill(sinks[victim]!)
      await delay(pick() * 300)
      sinks[victim] = sink(victim)
    }
    if (which >= 2) {
      await delay(pick() * 1_000)
      clickhouse = hotTier()
    }
  }
  // Without its hot tier a sink is not ready, and is again afterwards.
  await until('both sinks are ready again', async () => (await ready(0)) && (await ready(1)))
  await kill(clickhouse)
  await until('a sink says so', async () =>
    [await readiness(0), await readiness(1)].some((reply) => reply?.body.includes('is held back (UNAVAILABLE)')),
  )
  clickhouse = hotTier()
  await until('both sinks are ready once more', async () => (await ready(0)) && (await ready(1)))

  // A graceful stop, with work in hand.
  sinks[1]!.kill('SIGTERM')
  assert.equal(await ended(sinks[1]!), 0, processes.output.slice(-4_000))
  sending = false
  await Promise.all(senders)
  t.diagnostic(
    `${expected.size} events in ${batches} batches, ${again} sent again, ${late} by an older placement, ${broken} records spoiled`,
  )
  await until('everything is stored', async () => (await stored()) >= expected.size)
  for (const old of recent.slice(0, 20)) await send(old)

  const ends = await group.endOffsets()
  await until('everything is committed', async () => {
    const commits = await group.committed([...ends.keys()])
    return [...(await group.endOffsets())].every(
      ([partition, end]) =>
        end === 0n || (commits.get(partition)?.offset === end && readCommit(commits.get(partition)!).to === undefined),
    )
  })
  const all = await rows<{ id: string; raw: string; n: number }>(
    `SELECT event_id AS id, any(raw) AS raw, count() AS n FROM ${eventsTable} GROUP BY event_id`,
  )
  assert.equal(all.filter(({ n }) => Number(n) !== 1).length, 0, 'an event is stored twice')
  assert.equal(all.length, expected.size)
  for (const { id, raw } of all) assert.equal(raw, expected.get(id))
  assert.deepEqual(await rows(`SELECT code, channel FROM ${eventsTable} WHERE line = 7 GROUP BY code, channel`), [
    { code: '7', channel: 'Security' },
  ])

  const found = new Set<string>()
  await letters.run({
    assigned: () => {},
    revoked: () => {},
    records: (_, records) => {
      for (const { value } of records) {
        const { partition, offset, reason } = JSON.parse(value.toString())
        assert.equal(reason, 'NOT_A_RECORD')
        found.add(`${partition}/${offset}`)
      }
    },
  })
  await until('every spoiled record is among the dead letters', () => found.size === broken)

  const scrape = await call(adminPorts[0]!, '/metrics', { cert: tls.current })
  assert.match(scrape.body, /^nd_consumer_lag_records 0$/m)
  assert.match(scrape.body, /^nd_queue_depth 0$/m)
  sinks[0]!.kill('SIGTERM')
  assert.equal(await ended(sinks[0]!), 0, processes.output.slice(-4_000))
  assert.doesNotMatch(processes.output, /Warning|correct horse|xxx|unhandled/i)
})

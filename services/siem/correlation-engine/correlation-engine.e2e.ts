import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Alert, decodeAlert } from '../../common/alerts/alert.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { silentLog } from '../../common/log/log.ts'
import { encodeMapRecord } from '../../common/sharding/format.ts'
import { partitionOf, slotKey, slotOf } from '../../common/sharding/slot.ts'
import { exampleMap } from '../../common/sharding/testing.ts'
import { kafkaFiles, TestBroker } from '../../common/testing/broker.ts'
import { freePort, Processes, until } from '../../common/testing/processes.ts'
import { seeded } from '../../common/testing/random.ts'
import { testTls } from '../../common/testing/server.ts'
import { TlsFiles } from '../../common/tls/material.ts'
import { alertsIn, rules, TestShard } from './testing/engine.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const partitions = 8
const tenants = Array.from({ length: 12 }, (_, i) => `tenant-${i}`)
const seed = Number(process.env.ND_TEST_SEED ?? 20_261_128)
const shards = [0, 1] as const

/** What one shard finds in the same records without any crash. */
async function undisturbed(records: readonly (readonly { readonly key: Buffer | null; readonly value: Buffer }[])[]) {
  const bus = new MemoryBus(partitions)
  for (const [partition, some] of records.entries())
    for (const { key, value } of some) bus.append({ topic: 'events.raw', partition, key, value })
  const shard = await new TestShard(bus, { partitions, remembered: 1e6 }).start()
  await shard.settle()
  return alertsIn(bus)
}

test('killed -9 at any moment, the shards write every alert exactly once, and lose no window', {
  skip,
  timeout: 480_000,
}, async (t) => {
  const { authority, tls, call } = await testTls('correlation-engine')
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const folder = mkdtempSync(join(tmpdir(), 'nd-test-rules-'))
  writeFileSync(join(folder, 'rules.yml'), rules)
  writeFileSync(join(folder, 'broken.yml'), 'title: no rule\n')
  const ports = [await freePort(), await freePort()]
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: join(authority.root, 'correlation-engine'),
    ND_KAFKA_BROKERS: broker.address,
    ND_LISTEN: '127.0.0.1',
    ND_RULES_PACK: 'none',
    ND_RULES_DIR: folder,
  })
  const engine = (shard: number): ChildProcess =>
    processes.run(new URL('./main.ts', import.meta.url), {
      ND_POD: `correlation-engine-${shard}`,
      ND_ADMIN_PORT: `${ports[shard]}`,
    })
  const kafka = {
    brokers: [broker.address],
    tls: new TlsFiles(join(authority.root, 'correlation-engine'), silentLog),
    clientId: 'test',
    log: silentLog,
  }
  const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 64 * 2 ** 20 })
  const readers = {
    events: new KafkaReader({ ...kafka, topic: 'events.raw' }),
    alerts: new KafkaReader({ ...kafka, topic: 'alerts' }),
  }
  t.after(async () => {
    await processes.killAll()
    await Promise.all([producer.close(), readers.events.close(), readers.alerts.close()])
    await broker.remove()
    rmSync(folder, { recursive: true, force: true })
    kafka.tls.close()
    tls.close()
  })
  const ready = async (shard: number) => (await call(ports[shard]!, '/readyz').catch(() => undefined))?.status === 200

  broker.start()
  const topics = processes.run(new URL('../../platform/topics/main.ts', import.meta.url))
  assert.equal(await processes.ended(topics), 0, processes.output)
  const writer = { term: 1, writer: 'test' }
  const map = { topic: 'shards.map', partition: 0 } as const
  await producer.send([
    { ...map, key: Buffer.from('claim/1'), value: encodeMapRecord({ kind: 'claim', ...writer }) },
    { ...map, key: Buffer.from('map/1'), value: encodeMapRecord({ kind: 'map', ...writer, content: exampleMap(2) }) },
  ])
  const engines = shards.map(engine)
  await until('both shards are ready', async () => (await ready(0)) && (await ready(1)))

  const pick = seeded(seed)
  let sending = true
  let batches = 0
  const send = async () => {
    const tenant = tenants[Math.floor(pick() * tenants.length)]!
    const batch = `b-${batches++}`
    const events = Array.from({ length: 1 + Math.floor(pick() * 20) }, () => {
      const at = { '@timestamp': new Date().toISOString() }
      const dice = pick()
      if (dice < 0.2)
        return { ...at, Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 1, CommandLine: 'x -enc y' }
      if (dice < 0.5)
        return { ...at, Channel: 'Security', EventID: 4625, TargetUserName: `user-${Math.floor(pick() * 40)}` }
      return { ...at, Channel: 'Security', EventID: 4624 }
    })
    const slot = slotOf(tenant)
    const value = encodeRecord({
      tenant,
      batch,
      arrival: Date.now(),
      lines: events.map((_, line) => line),
      events: events.map((event) => Buffer.from(JSON.stringify(event))),
    })
    const record = { topic: 'events.raw' as const, partition: partitionOf(slot, partitions), key: slotKey(slot), value }
    // Now and then a sender repeats what was taken already.
    for (let times = pick() < 0.1 ? 2 : 1; times > 0; times--) await producer.send([record])
  }
  const sender = (async () => {
    while (sending) {
      await send()
      await delay(3)
    }
  })()

  for (let round = 0; round < 10; round++) {
    await delay(300 + pick() * 2_500)
    const shard = pick() < 0.5 ? 0 : 1
    t.diagnostic(`round ${round}: kill shard ${shard}`)
    await processes.kill(engines[shard]!)
    await delay(pick() * 500)
    engines[shard] = engine(shard)
    if (round % 3 === 2) await until('the shard is ready again', () => ready(shard))
  }
  // A graceful stop, with work in hand.
  await until('both shards are ready again', async () => (await ready(0)) && (await ready(1)))
  engines[0]!.kill('SIGTERM')
  assert.equal(await processes.ended(engines[0]!), 0, processes.output.slice(-4_000))
  engines[0] = engine(0)
  await delay(500)
  sending = false
  await sender

  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const records = await Promise.all(
    all.map(async (partition) => {
      const found: { key: Buffer | null; value: Buffer }[] = []
      await readers.events.toEnd(partition, undefined, (some) => void found.push(...some))
      return found
    }),
  )
  const expected = await undisturbed(records)
  const alerts = async () => {
    const found: Alert[] = []
    for (const partition of all)
      await readers.alerts.toEnd(partition, undefined, (some) => {
        for (const { value } of some) found.push(decodeAlert(value)!)
      })
    return found
  }
  await until('every alert is written', async () => (await alerts()).length >= expected.length)
  // Whoever would write one twice has the time of a save to do so.
  await delay(6_000)
  const found = await alerts()
  t.diagnostic(`${batches} batches, ${found.length} alerts of ${expected.length}`)
  assert.deepEqual(found.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort())
  for (const kind of ['rule', 'correlation'])
    assert.ok(
      found.some((alert) => alert.kind === kind),
      kind,
    )

  const report = await call(ports[0]!, '/rules', { cert: tls.current })
  assert.deepEqual([report.json.rules, report.json.correlations, report.json.problems.length], [2, 1, 1])
  assert.equal((await call(ports[0]!, '/rules')).status, 401)
  const scrape = await call(ports[0]!, '/metrics', { cert: tls.current })
  assert.match(scrape.body, /^nd_consumer_lag_records 0$/m)
  assert.match(scrape.body, /^nd_queue_depth 0$/m)
  await until('the second shard is ready', () => ready(1))
  for (const child of engines) child.kill('SIGTERM')
  for (const child of engines) assert.equal(await processes.ended(child), 0, processes.output.slice(-4_000))
  assert.doesNotMatch(processes.output, /Warning|unhandled|Uncaught/i)
})

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { environments } from '../../../policies/environments.ts'
import { sharding } from '../../../policies/sharding.ts'
import { type TopicName, topics } from '../../../policies/storage.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { silentLog } from '../../common/log/log.ts'
import { MapFold } from '../../common/sharding/fold.ts'
import { breaches } from '../../common/sharding/laws.ts'
import { type MapContent, phases } from '../../common/sharding/map.ts'
import { partitionOf, slotKey } from '../../common/sharding/slot.ts'
import { kafkaFiles, TestBroker } from '../../common/testing/broker.ts'
import { freePort, Processes, until } from '../../common/testing/processes.ts'
import { testTls } from '../../common/testing/server.ts'
import { Mirror } from './testing/mirror.ts'
import { observe, SimShard } from './testing/sim-shard.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const { partitions } = environments.local.kafka
const tokens = { ops: 'nd_ops', looker: 'nd_looker' }
const hash = (token: string) => createHash('sha256').update(token).digest('hex')

test('a rebalance under load on a real broker; the manager is killed -9 in each phase', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { authority, tls, call } = await testTls()
  const broker = await TestBroker.create(files!, await authority.issue('kafka'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const operatorsFile = join(authority.root, 'operators.json')
  const operators = [
    { operator: 'ops', tokenSha256: hash(tokens.ops), may: ['read', 'change'] },
    { operator: 'looker', tokenSha256: hash(tokens.looker), may: ['read'] },
  ]
  writeFileSync(operatorsFile, JSON.stringify({ operators }))
  const processes = new Processes({
    PATH: process.env.PATH,
    ND_REGION: 'local',
    ND_ENVIRONMENT: 'local',
    ND_TLS_DIR: join(authority.root, 'event-collector'),
    ND_KAFKA_BROKERS: broker.address,
    ND_OPERATORS_FILE: operatorsFile,
    ND_LISTEN: '127.0.0.1',
    ND_HTTPS_PORT: port.toString(),
    ND_ADMIN_PORT: adminPort.toString(),
  })
  const kafka = { brokers: [broker.address], tls, clientId: 'test', log: silentLog }
  const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 2 ** 24, lingerMs: 0 })
  const mirror = new Mirror({
    reader: (topic) => new KafkaReader({ ...kafka, topic }),
    producer,
    partitionsOf: (topic: TopicName) => (topics[topic].partitioning === 'single' ? 1 : partitions),
  })
  t.after(async () => {
    await processes.killAll()
    await mirror.close()
    await producer.close()
    await broker.remove()
    tls.close()
  })
  broker.start()
  const topicsJob = new URL('../topics/main.ts', import.meta.url)
  assert.equal(await processes.ended(processes.run(topicsJob)), 0, processes.output)

  let manager: ChildProcess
  const startManager = async () => {
    manager = processes.run(new URL('./main.ts', import.meta.url))
    const ready = () =>
      call(adminPort, '/readyz')
        .then((r) => r.status === 200)
        .catch(() => false)
    await until(`the manager is ready: ${processes.output.slice(-2_000)}`, ready, 60_000)
  }
  const ask = (method: string, path: string, body?: unknown, token = tokens.ops) =>
    call(port, path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  await startManager()
  for (const topic of ['shards.map', 'shards.reports', 'events.raw', 'correlation.state', 'alerts'] as const)
    await mirror.read(topic)
  const mapNow = (): MapContent => MapFold.replay(mirror.records('shards.map')).map!.content

  await t.test('the first version gives every slot an owner; who may not is refused', async () => {
    const map = mapNow()
    assert.deepEqual([map.version, map.shards.length, map.partitions], [1, sharding.shards.local, partitions])
    assert.equal((await ask('GET', '/v1/map', undefined, 'nd_other')).status, 401)
    const refused = await ask('POST', '/v1/abort', {}, tokens.looker)
    assert.deepEqual([refused.status, refused.json.error], [403, 'NOT_ALLOWED'])
    assert.equal((await ask('GET', '/v1/map', undefined, tokens.looker)).json.version, 1)
    assert.equal((await ask('POST', '/v1/abort')).json.error, 'NOTHING_TO_ABORT')
    assert.equal((await ask('POST', '/v1/rebalance', { plan: 'p0-0' })).status, 404)
    assert.equal((await ask('POST', '/v1/plan', { weights: { 9: 1 } })).json.error, 'NO_SUCH_SHARD')
  })

  // One slot of each partition has events, all the time.
  const busy = Array.from({ length: partitions }, (_, i) => i)
  const shards = sharding.shards.local
  const engines = Array.from({ length: shards }, (_, id) => new SimShard(mirror, id, `e${id}`, sharding.moves.maxLag))
  let sent = 0
  const load = async () => {
    const records = busy.map((slot) => {
      const value = Buffer.alloc(4)
      value.writeUInt32BE(++sent)
      return { topic: 'events.raw', partition: partitionOf(slot, partitions), key: slotKey(slot), value } as const
    })
    await producer.send(records)
  }
  const drive = async () => {
    await load()
    for (const engine of engines) {
      engine.readMap()
      engine.step([...busy, ...mapNow().moves.map(({ slot }) => slot)], Number.POSITIVE_INFINITY)
    }
    await mirror.flush()
  }

  await t.test('killed in every phase, it goes on; the shards go on without it', async () => {
    const plan = await ask('POST', '/v1/plan', { cause: 'test', weights: { 0: 3 } })
    assert.equal(plan.status, 200, plan.body)
    assert.ok(plan.json.moves > 500 && plan.json.findings.length === 0, plan.body)
    const begun = await ask('POST', '/v1/rebalance', { plan: plan.json.plan })
    assert.equal(begun.status, 202, begun.body)
    assert.equal((await ask('POST', '/v1/plan', {})).json.error, 'UNDER_WAY')
    for (const phase of phases) {
      await until(`a move is in ${phase}`, async () => {
        await drive()
        return mapNow().moves.some((move) => move.phase === phase)
      })
      await processes.kill(manager)
      const before = mirror.records('alerts').length
      await until('alerts go on', async () => {
        await drive()
        return mirror.records('alerts').length > before + 3 * partitions
      })
      await startManager()
    }
    await until('the rebalance is done', async () => {
      await drive()
      return mapNow().rebalance === undefined
    })
    const { json } = await ask('GET', '/v1/history')
    assert.deepEqual(
      json.history.map((h: { outcome: string; actor: string; moved: number }) => [h.outcome, h.actor, h.moved]),
      [['done', 'ops', plan.json.moves]],
    )
  })

  await t.test('nothing is lost, nothing has two owners, the state is that of an undisturbed run', async () => {
    await until('everything is processed', async () => {
      for (const engine of engines) {
        engine.readMap()
        engine.step(busy, Number.POSITIVE_INFINITY)
      }
      await mirror.flush()
      return mirror.records('alerts').length >= sent && mirror.records('events.raw').length === sent
    })
    const map = mapNow()
    const by = new Map<string, Set<string>>()
    for (const { value } of mirror.records('alerts')) {
      const { slot, offset, shard, epoch } = JSON.parse(value.toString())
      by.set(`${slot}/${offset}`, (by.get(`${slot}/${offset}`) ?? new Set()).add(`${shard}/${epoch}`))
    }
    assert.equal(by.size, sent)
    for (const [event, owners] of by) assert.equal(owners.size, 1, `event ${event}: ${[...owners]}`)
    for (const slot of busy) {
      const events = mirror.records('events.raw', partitionOf(slot, partitions))
      const state = events.reduce((sum, { value }) => observe(sum, value.readUInt32BE()), 0)
      assert.equal(engines[map.owners[slot]!]!.owned(slot)?.state, state, `slot ${slot}`)
    }
    const fold = new MapFold()
    let last: MapContent | undefined
    for (const record of mirror.records('shards.map')) {
      const outcome = fold.apply(record)
      if (outcome.is !== 'map') continue
      if (last) assert.deepEqual(breaches(last, outcome.record.content), [])
      last = outcome.record.content
    }
    assert.equal(last?.version, map.version)
    assert.ok(
      new Set(mirror.records('shards.map').map(({ key }) => key?.toString().split('/')[1])).size >= phases.length,
    )
  })

  await t.test('a split tenant gets slots that collectors use only when their owners read them', async () => {
    const plan = await ask('POST', '/v1/plan', { place: [{ tenant: 'acme', class: 'giant' }] })
    assert.equal((await ask('POST', '/v1/rebalance', { plan: plan.json.plan })).status, 202)
    await until('the placement is there', () => mapNow().placements.length === 1)
    assert.equal(mapNow().placements[0]?.active, false, 'no shard has said yet that it reads its slots')
    await until('the placement is in use', async () => {
      await drive()
      return mapNow().placements.every(({ active }) => active)
    })
    const { slots } = mapNow().placements[0]!
    assert.equal(slots.length, sharding.classes.giant.ways)
    assert.ok(slots.every((slot) => mapNow().begins.has(slot)))
  })

  await t.test('a second manager takes over at once, and the first one ends', async () => {
    const second = processes.run(new URL('./main.ts', import.meta.url), { ND_HTTPS_PORT: '0', ND_ADMIN_PORT: '0' })
    assert.equal(await processes.ended(manager), 1)
    assert.match(processes.output, /Another shard manager/)
    assert.equal(second.exitCode, null)
  })
})

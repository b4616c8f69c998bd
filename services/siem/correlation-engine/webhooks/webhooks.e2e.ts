import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Alert, decodeAlert, encodeAlert } from '../../../common/alerts/alert.ts'
import { KafkaProducer } from '../../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../../common/bus/kafka/reader.ts'
import { encodeRecord } from '../../../common/codec/record.ts'
import { silentLog } from '../../../common/log/log.ts'
import { encodeMapRecord } from '../../../common/sharding/format.ts'
import { partitionOf, slotKey, slotOf } from '../../../common/sharding/slot.ts'
import { exampleMap } from '../../../common/sharding/testing.ts'
import { kafkaFiles, TestBroker } from '../../../common/testing/broker.ts'
import { freePorts, Processes, until } from '../../../common/testing/processes.ts'
import { seeded } from '../../../common/testing/random.ts'
import { testTls } from '../../../common/testing/server.ts'
import { TlsFiles } from '../../../common/tls/material.ts'
import { rules } from '../testing/engine.ts'
import { type WebhookCall, WebhookReceiver } from '../testing/webhook-receiver.ts'
import { signature } from './deliver.ts'

const files = kafkaFiles()
const skip = files === undefined && 'Kafka and Java are not in the cache yet: make up brings them.'
const partitions = 8
const key = 'a key of everybody'
const seed = Number(process.env.ND_TEST_SEED ?? 20_261_129)

describe('webhooks through a real broker', { skip, timeout: 30 * 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'nd-test-webhooks-'))
  const readers: KafkaReader[] = []
  const receivers: WebhookReceiver[] = []
  let tls: Awaited<ReturnType<typeof testTls>>
  let broker: TestBroker
  let processes: Processes
  let producer: KafkaProducer
  let material: TlsFiles
  let ports: number[]

  before(async () => {
    tls = await testTls('correlation-engine')
    broker = await TestBroker.create(files!, await tls.authority.issue('kafka'))
    ports = await freePorts(2)
    const own = join(tls.authority.root, 'correlation-engine')
    mkdirSync(join(folder, 'rules'))
    mkdirSync(join(folder, 'keys'))
    writeFileSync(join(folder, 'rules', 'rules.yml'), rules)
    writeFileSync(join(folder, 'keys', 'all'), key)
    processes = new Processes({
      PATH: process.env.PATH,
      ND_REGION: 'local',
      ND_ENVIRONMENT: 'local',
      ND_TLS_DIR: own,
      ND_KAFKA_BROKERS: broker.address,
      ND_LISTEN: '127.0.0.1',
      ND_RULES_PACK: 'none',
      ND_RULES_DIR: join(folder, 'rules'),
      ND_TENANTS_FILE: join(folder, 'tenants.json'),
      ND_WEBHOOK_SECRETS_DIR: join(folder, 'keys'),
      ND_WEBHOOK_TARGETS: 'any',
      // How an operator has receivers believed that a private authority vouches for.
      NODE_EXTRA_CA_CERTS: join(own, 'ca.crt'),
    })
    material = new TlsFiles(own, silentLog)
    const kafka = { brokers: [broker.address], tls: material, clientId: 'test', log: silentLog }
    producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 2 ** 24 })
    readers.push(
      new KafkaReader({ ...kafka, topic: 'alerts' }),
      new KafkaReader({ ...kafka, topic: 'events.dead-letter' }),
    )
    broker.start()
    const topics = processes.run(new URL('../../../platform/topics/main.ts', import.meta.url))
    assert.equal(await processes.ended(topics), 0, processes.output)
  })

  after(async () => {
    await processes?.killAll()
    await Promise.all([producer?.close(), ...readers.map((reader) => reader.close())])
    await Promise.all(receivers.map((receiver) => receiver.close()))
    await broker?.remove()
    material?.close()
    tls?.tls.close()
    rmSync(folder, { recursive: true, force: true })
  })

  // What a failed test leaves running would hold the ports of the next.
  afterEach(() => processes.killAll())

  const receiver = async (answer?: WebhookReceiver['answer']) => {
    const made = await new WebhookReceiver(tls.tls.current, answer).listen()
    receivers.push(made)
    return made
  }
  const register = (webhooks: Readonly<Record<string, WebhookReceiver>>) =>
    writeFileSync(
      join(folder, 'tenants.json'),
      JSON.stringify({
        tenants: Object.entries(webhooks).map(([tenant, { url }]) => ({ tenant, webhooks: [{ url, secret: 'all' }] })),
      }),
    )
  const values = async (reader: KafkaReader, of: number) => {
    const found: Buffer[] = []
    for (let partition = 0; partition < of; partition++)
      await reader.toEnd(partition, undefined, (some) => void found.push(...some.map(({ value }) => value)))
    return found
  }
  /** The bodies of all alerts of a tenant, by id. */
  const alertsOf = async (tenant: string) =>
    new Map(
      (await values(readers[0]!, partitions)).flatMap((value) => {
        const alert = decodeAlert(value)
        return alert?.tenant === tenant ? [[alert.id, value.toString()] as const] : []
      }),
    )
  interface Letter {
    readonly tenant: string
    readonly alert: string
    readonly reason: string
    readonly attempts: number
  }
  const letters = async () =>
    (await values(readers[1]!, 1)).flatMap((value) => {
      const { webhook } = JSON.parse(value.toString()) as { webhook?: Letter }
      return webhook ? [webhook] : []
    })
  const idOf = ({ headers }: WebhookCall) => String(headers['nd-alert'])
  /** Each call carries an alert of the tenant as the topic has it, signed; each id at least once, and none that is not there. Answers how many were repetitions. */
  const judge = (calls: readonly WebhookCall[], expected: ReadonlyMap<string, string>): number => {
    for (const call of calls) {
      const { headers, body } = call
      assert.equal(body, expected.get(idOf(call)))
      assert.equal(headers['nd-signature'], signature(Buffer.from(key), Number(headers['nd-time']), Buffer.from(body)))
    }
    const ids = new Set(calls.map(idOf))
    assert.deepEqual([...ids].sort(), [...expected.keys()].sort())
    return calls.length - ids.size
  }
  const engine = (shard: number) =>
    processes.run(new URL('../main.ts', import.meta.url), {
      ND_POD: `correlation-engine-${shard}`,
      ND_ADMIN_PORT: `${ports[shard]}`,
    })
  const ready = async (shard: number) =>
    (await tls.call(ports[shard]!, '/readyz').catch(() => undefined))?.status === 200
  const metric = async (port: number, name: string) => {
    const { body } = await tls.call(port, '/metrics', { cert: tls.tls.current })
    return Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? 0,
    )
  }

  test('engines killed -9 while they deliver: every alert arrives, a repetition is known by its id, and who is slow or away holds up nobody', async (t) => {
    const pick = seeded(seed)
    // Answers that are lost: the receiver has the alert, and the engine cannot know.
    const flaky = await receiver(() => (pick() < 0.1 ? 503 : pick() < 0.1 ? 429 : pick() < 0.1 ? 'cut' : 204))
    const slow = await receiver(() => 'silence')
    const away = await receiver()
    await away.close()
    const tenants = { acme: flaky, globex: slow, initech: away }
    register(tenants)

    const writer = { term: 1, writer: 'test' }
    const map = { topic: 'shards.map', partition: 0 } as const
    await producer.send([
      { ...map, key: Buffer.from('claim/1'), value: encodeMapRecord({ kind: 'claim', ...writer }) },
      { ...map, key: Buffer.from('map/1'), value: encodeMapRecord({ kind: 'map', ...writer, content: exampleMap(2) }) },
    ])
    const engines = [engine(0), engine(1)]
    await until('both shards are ready', async () => (await ready(0)) && (await ready(1)))

    const [batches, kills] = [100, 4]
    const send = async (tenant: string, batch: number) => {
      const slot = slotOf(tenant)
      const event = {
        '@timestamp': new Date().toISOString(),
        Channel: 'Microsoft-Windows-Sysmon/Operational',
        EventID: 1,
        CommandLine: 'x -enc y',
      }
      const value = encodeRecord({
        tenant,
        batch: `b-${batch}`,
        arrival: Date.now(),
        lines: [0],
        events: [Buffer.from(JSON.stringify(event))],
      })
      await producer.send([
        { topic: 'events.raw', partition: partitionOf(slot, partitions), key: slotKey(slot), value },
      ])
    }
    const sender = (async () => {
      for (let batch = 0; batch < batches; batch++) {
        for (const tenant of Object.keys(tenants)) await send(tenant, batch)
        await delay(50)
      }
    })()
    for (let kill = 0; kill < kills; kill++) {
      // Whoever was killed has left its partitions to nobody for the time of a session.
      const before = flaky.calls.length
      await until('more is delivered', () => flaky.calls.length > before)
      await delay(pick() * 1_000)
      const shard = pick() < 0.5 ? 0 : 1
      await processes.kill(engines[shard]!)
      engines[shard] = engine(shard)
      if (pick() < 0.5) await until('the shard is ready again', () => ready(shard))
    }
    await sender

    const all = async (tenant: string) => {
      await until(`the alerts of ${tenant} are written`, async () => (await alertsOf(tenant)).size === batches)
      return alertsOf(tenant)
    }
    const taken = new Set<string>()
    const has = (calls: readonly WebhookCall[], expected: ReadonlyMap<string, string>) => {
      for (const call of calls) taken.add(idOf(call))
      return [...expected.keys()].every((id) => taken.has(id))
    }
    const acme = await all('acme')
    await until('acme has its alerts', () => has(flaky.calls, acme))
    // Meanwhile nobody else got anything done, and nothing of it is given up.
    assert.equal(away.calls.length, 0)
    assert.ok(slow.calls.length > 0)
    assert.deepEqual(await letters(), [])

    // The slow one recovers, the other comes back, and once more both engines die with everything in flight.
    slow.calls.splice(0)
    slow.answer = () => 204
    await away.listen()
    for (const shard of [0, 1]) {
      await processes.kill(engines[shard]!)
      engines[shard] = engine(shard)
    }
    for (const [tenant, { calls }] of [
      ['globex', slow],
      ['initech', away],
    ] as const) {
      const expected = await all(tenant)
      await until(`${tenant} has its alerts`, () => has(calls, expected))
    }
    const depth = async () =>
      (await metric(ports[0]!, 'nd_webhook_queue_depth')) + (await metric(ports[1]!, 'nd_webhook_queue_depth'))
    await until('both shards are ready', async () => (await ready(0)) && (await ready(1)))
    await until('nothing waits', async () => (await depth()) === 0)
    const repeated = [
      judge(flaky.calls, acme),
      judge(slow.calls, await all('globex')),
      judge(away.calls, await all('initech')),
    ]
    assert.deepEqual(await letters(), [])
    t.diagnostic(`${kills + 2} kills; ${batches} alerts of each; repeated: ${repeated.join(', ')}`)
    assert.ok(repeated[0]! > 0, 'no answer was lost: nothing was tried')

    // Everything is settled and committed: who starts now has nothing to send.
    for (const child of engines) child.kill('SIGTERM')
    for (const child of engines) assert.equal(await processes.ended(child), 0, processes.output.slice(-4_000))
    assert.doesNotMatch(processes.output, /Warning|unhandled|Uncaught/i)
  })

  test('alerts for receivers that are dead or never answer are given up after the time of the policy, counted, written down, and never tried again', async () => {
    const dead = await receiver()
    await dead.close()
    const hanging = await receiver(() => 'silence')
    const good = await receiver()
    register({ dead, hanging, good })
    const policy = { giveUp: '3s', timeout: '1s' }
    const start = () =>
      processes.run(new URL('../testing/webhooks-process.ts', import.meta.url), {
        ND_TEST_WEBHOOKS: JSON.stringify(policy),
        ND_ADMIN_PORT: `${ports[0]}`,
      })
    const many = 12
    const alert = (tenant: string, number: number): Alert => ({
      ...{
        id: `${slotOf(tenant)}${number}`.padStart(32, '0'),
        tenant,
        kind: 'rule',
        rule: 'r',
        title: 't',
        level: 'high',
      },
      ...{ tags: [], group: {}, time: 1, start: 1, arrival: 1, detected: 1, hits: 1, events: [] },
    })
    // All in one partition: they could hold each other up.
    const put = (one: Alert) => producer.send([{ topic: 'alerts', partition: 0, key: null, value: encodeAlert(one) }])
    const tenants = ['dead', 'hanging', 'good']
    for (let number = 0; number < many; number++) for (const tenant of tenants) await put(alert(tenant, number))

    // Killed while attempts are under way.
    const first = start()
    await until('it is at work', () => good.calls.length > 0 && hanging.calls.length > 0)
    await processes.kill(first)
    const second = start()
    const lost = async () => {
      const found = await letters()
      return tenants.map((tenant) => new Set(found.filter((l) => l.tenant === tenant).map((l) => l.alert)).size)
    }
    await until('all that cannot be delivered is given up', async () => {
      const [ofDead, ofHanging] = await lost()
      return ofDead === many && ofHanging === many
    })
    await until('nothing waits', async () => (await metric(ports[0]!, 'nd_webhook_queue_depth')) === 0)
    assert.ok((await metric(ports[0]!, 'nd_webhook_alerts_total{result="undelivered"}')) > 0)
    assert.deepEqual(await lost(), [many, many, 0])
    assert.deepEqual(new Set(good.calls.map(idOf)).size, many)
    const reasons = (tenant: string, all: readonly Letter[]) =>
      new Set(all.filter((l) => l.tenant === tenant).map(({ reason }) => reason))
    const found = await letters()
    assert.deepEqual(reasons('dead', found).difference(new Set(['ECONNREFUSED', 'NO_TURN'])), new Set())
    assert.deepEqual(reasons('hanging', found).difference(new Set(['TIMEOUT', 'NO_TURN'])), new Set())
    // Some had several attempts.
    assert.ok(found.some(({ tenant, attempts }) => tenant === 'dead' && attempts > 1))

    // What was given up is settled: when the receiver is back, only what is new comes.
    second.kill('SIGTERM')
    assert.equal(await processes.ended(second), 0, processes.output.slice(-4_000))
    await dead.listen()
    const third = start()
    const fresh = alert('dead', many)
    await put(fresh)
    await until('the new alert is there', () => dead.calls.length > 0)
    assert.deepEqual(dead.calls.map(idOf), [fresh.id])
    third.kill('SIGTERM')
    assert.equal(await processes.ended(third), 0, processes.output.slice(-4_000))
  })
})

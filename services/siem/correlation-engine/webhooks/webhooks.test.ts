import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Alert, encodeAlert } from '../../../common/alerts/alert.ts'
import { MemoryBus } from '../../../common/bus/memory.ts'
import { silentLog } from '../../../common/log/log.ts'
import { until } from '../../../common/testing/processes.ts'
import { testTls } from '../../../common/testing/server.ts'
import { type WebhookCall, WebhookReceiver } from '../testing/webhook-receiver.ts'
import { guardedLookup, isPublicAddress } from './addresses.ts'
import { signature } from './deliver.ts'
import { WebhookDispatcher } from './dispatcher.ts'
import { Receiver } from './receiver.ts'
import { parseWebhooks, WebhookRegistry } from './registry.ts'

const { authority, tls } = await testTls('receiver')
const dir = mkdtempSync(join(tmpdir(), 'nd-webhooks-'))
writeFileSync(join(dir, 'acme'), 'a key of acme\n')
after(() => rmSync(dir, { recursive: true }))

/** A receiver over TLS that answers with the statuses given, then 204. */
async function receiver(...statuses: number[]) {
  const made = await new WebhookReceiver(tls.current, () => statuses.shift() ?? 204).listen()
  after(() => made.close())
  return made
}

const alert = (tenant: string, number: number, more: Partial<Alert> = {}): Alert => ({
  id: number.toString(16).padStart(32, '0'),
  tenant,
  kind: 'rule',
  rule: 'r',
  title: 't',
  level: 'high',
  tags: [],
  group: {},
  time: 1,
  start: 1,
  arrival: 1,
  detected: 1,
  hits: 1,
  events: [],
  ...more,
})

const never = new AbortController().signal
const open = { allowed: () => true, ports: () => true }

function dispatch(
  bus: MemoryBus,
  tenants: readonly unknown[],
  more: { giveUpMs?: number; queue?: number; guard?: boolean } = {},
) {
  const file = join(dir, `tenants-${Math.random()}.json`)
  writeFileSync(file, JSON.stringify({ tenants }))
  const registry = new WebhookRegistry({ file, secrets: dir, rules: open, log: silentLog })
  after(() => registry.close())
  const results: string[] = []
  const consumer = bus.consumer('webhooks', 'alerts')
  const dispatcher = new WebhookDispatcher({
    consumer,
    producer: bus.producer(),
    registry,
    deliver: { timeoutMs: 2_000, lookup: guardedLookup(more.guard ? isPublicAddress : () => true), ca: authority.ca },
    limits: { queue: more.queue ?? 10, concurrency: 2, giveUpMs: more.giveUpMs ?? 60_000, firstMs: 5, mostMs: 20 },
    mostOpen: 100,
    counted: (result) => results.push(result),
    log: silentLog,
  })
  after(() => dispatcher.stop())
  return { dispatcher, consumer, results }
}
const put = (bus: MemoryBus, one: Alert) =>
  bus.append({ topic: 'alerts', partition: 0, key: null, value: encodeAlert(one) })
const committed = async (consumer: ReturnType<typeof dispatch>['consumer']) =>
  (await consumer.committed([0])).get(0)?.offset
const letters = (bus: MemoryBus) =>
  bus.records('events.dead-letter').map(({ value }) => JSON.parse(value.toString()).webhook)

test('an alert reaches its own tenant’s receiver, signed, and nobody else’s', async () => {
  const [acme, globex] = [await receiver(), await receiver()]
  const bus = new MemoryBus()
  put(bus, alert('acme', 1))
  put(bus, alert('acme', 2, { level: 'low' }))
  put(bus, alert('initech', 3))
  const { dispatcher, consumer } = dispatch(bus, [
    { tenant: 'acme', webhooks: [{ url: acme.url, secret: 'acme', level: 'medium' }] },
    { tenant: 'globex', webhooks: [{ url: globex.url, secret: 'acme' }] },
  ])
  await dispatcher.start()
  await consumer.poll()
  await until('it is committed', async () => (await committed(consumer)) === 3n)
  assert.deepEqual([acme.calls.length, globex.calls.length], [1, 0])
  const [{ path, headers, body }] = acme.calls as [WebhookCall]
  assert.equal(path, '/hook')
  assert.equal(body, encodeAlert(alert('acme', 1)).toString())
  assert.equal(headers['nd-alert'], alert('acme', 1).id)
  const key = Buffer.from('a key of acme')
  assert.equal(headers['nd-signature'], signature(key, Number(headers['nd-time']), Buffer.from(body)))
  assert.match(signature(key, 1, Buffer.from('x')), /^v1=[0-9a-f]{64}$/)
})

test('what fails is tried again; what is refused, or leads elsewhere, is a dead letter', async () => {
  const [down, gone, moved] = [await receiver(503, 429, 500), await receiver(410), await receiver(307)]
  const bus = new MemoryBus()
  put(bus, alert('acme', 1))
  const { dispatcher, consumer, results } = dispatch(bus, [
    { tenant: 'acme', webhooks: [down, gone, moved].map(({ url }) => ({ url, secret: 'acme' })) },
  ])
  await dispatcher.start()
  await consumer.poll()
  await until('it is committed', async () => (await committed(consumer)) === 1n)
  assert.deepEqual(
    [down, gone, moved].map(({ calls }) => calls.length),
    [4, 1, 1],
  )
  assert.deepEqual(
    letters(bus)
      .map(({ reason, attempts }) => [reason, attempts])
      .sort(),
    [
      ['HTTP_307', 1],
      ['HTTP_410', 1],
    ],
  )
  assert.deepEqual(results.sort(), ['delivered', 'undelivered', 'undelivered'])
})

test('a receiver that never answers well holds up nobody, and its alerts are given up', async () => {
  const [bad, good] = [await receiver(...Array.from({ length: 1_000 }, () => 500)), await receiver()]
  const bus = new MemoryBus()
  for (let i = 0; i < 7; i++) put(bus, alert(i % 2 === 0 ? 'acme' : 'globex', i))
  const { dispatcher, consumer } = dispatch(
    bus,
    [
      { tenant: 'acme', webhooks: [{ url: bad.url, secret: 'acme' }] },
      { tenant: 'globex', webhooks: [{ url: good.url, secret: 'acme' }] },
    ],
    { giveUpMs: 3_000, queue: 3 },
  )
  await dispatcher.start()
  await consumer.poll()
  await until('the other tenant has its alerts', () => good.calls.length === 3)
  await until('it is committed', async () => (await committed(consumer)) === 7n)
  // Of those in the queue some were tried, and some had no turn in time.
  const reasons = letters(bus).map(({ tenant, reason }) => `${tenant} ${reason === 'QUEUE_FULL' ? reason : 'late'}`)
  assert.deepEqual(reasons.sort(), ['acme QUEUE_FULL', 'acme late', 'acme late', 'acme late'])
})

test('what was under way at the end is sent by who comes next', async () => {
  const slow = await receiver(500, 500)
  const bus = new MemoryBus()
  put(bus, alert('acme', 1))
  const tenants = [{ tenant: 'acme', webhooks: [{ url: slow.url, secret: 'acme' }] }]
  const first = dispatch(bus, tenants)
  await first.dispatcher.start()
  await first.consumer.poll()
  await first.dispatcher.stop()
  assert.equal(await committed(first.consumer), undefined)
  const second = dispatch(bus, tenants)
  await second.dispatcher.start()
  await second.consumer.poll()
  await until('it is committed', async () => (await committed(second.consumer)) === 1n)
  assert.ok(slow.calls.length >= 1)
})

test('a partition that goes and comes back leaves nothing in the queue of a receiver', async () => {
  let answer = 503
  const slow = await new WebhookReceiver(tls.current, () => answer).listen()
  after(() => slow.close())
  const bus = new MemoryBus()
  for (let number = 0; number < 3; number++) put(bus, alert('acme', number))
  const tenants = [{ tenant: 'acme', webhooks: [{ url: slow.url, secret: 'acme' }] }]
  const { dispatcher, consumer } = dispatch(bus, tenants, { queue: 3 })
  await dispatcher.start()
  await consumer.poll()
  for (let turn = 0; turn < 5; turn++) {
    dispatcher.revoked([0])
    await until('nothing of it waits', () => dispatcher.depth === 0)
    dispatcher.assigned([{ partition: 0, committed: undefined }])
    await dispatcher.records(0, bus.records('alerts', 0))
    assert.equal(dispatcher.depth, 3)
  }
  answer = 204
  await until('it is committed', async () => (await committed(consumer)) === 3n)
  assert.deepEqual(letters(bus), [])
})

test('an alert that stands more than once in the topic waits once and is sent once', async () => {
  const statuses = Array.from({ length: 4 }, () => 503)
  const slow = await receiver(...statuses)
  const bus = new MemoryBus()
  for (const number of [1, 1, 2, 2, 1]) put(bus, alert('acme', number))
  const tenants = [{ tenant: 'acme', webhooks: [{ url: slow.url, secret: 'acme' }] }]
  const { dispatcher, consumer, results } = dispatch(bus, tenants, { queue: 2 })
  await dispatcher.start()
  await consumer.poll()
  await until('it is committed', async () => (await committed(consumer)) === 5n)
  assert.deepEqual(letters(bus), [])
  assert.deepEqual(results, ['delivered', 'delivered'])
  assert.equal(slow.calls.length, 4 + 2)
})

test('a name that leads into a private network is not called', async () => {
  const inside = await receiver()
  const bus = new MemoryBus()
  put(bus, alert('acme', 1))
  const { dispatcher, consumer } = dispatch(
    bus,
    [{ tenant: 'acme', webhooks: [{ url: inside.url, secret: 'acme' }] }],
    { guard: true },
  )
  await dispatcher.start()
  await consumer.poll()
  await until('it is committed', async () => (await committed(consumer)) === 1n)
  assert.equal(inside.calls.length, 0)
  assert.deepEqual(
    letters(bus).map(({ reason }) => reason),
    ['FORBIDDEN_ADDRESS'],
  )
})

test('addresses of the internet are public, and no others', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111'])
    assert.ok(isPublicAddress(address), address)
  for (const address of [
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
    ],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'ff02::1', 'localhost', '', '127.1'],
  ])
    assert.ok(!isPublicAddress(address), address)
})

test('a webhook must be https, without a password, on the usual port, and not at a private address', () => {
  const rules = { allowed: isPublicAddress, ports: (port: number) => port === 443 }
  const entry = (url: unknown, more: object = {}) =>
    JSON.stringify({ tenants: [{ tenant: 'acme', webhooks: [{ url, secret: 's', ...more }] }] })
  assert.equal(parseWebhooks(entry('https://hooks.example/x?y=1'), rules).webhooks.length, 1)
  for (const url of [
    ...[
      'http://hooks.example',
      'ftp://x',
      'https://u:p@hooks.example',
      'https://hooks.example:8443',
      'https://127.0.0.1/',
      'x',
      7,
    ],
    ...[
      'https://[::1]/',
      'https://169.254.169.254/latest',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://hooks.example/#f',
    ],
  ]) {
    const { webhooks, problems } = parseWebhooks(entry(url), rules)
    assert.deepEqual([webhooks.length, problems.length], [0, 1], String(url))
  }
  for (const more of [{ secret: '../other' }, { secret: undefined }, { level: 'loud' }])
    assert.equal(parseWebhooks(entry('https://hooks.example', more), rules).problems.length, 1)
  assert.deepEqual(parseWebhooks('{', rules).problems, ['It is not JSON.'])
  assert.deepEqual(parseWebhooks('{"tenants":[{"tenant":"a"},7]}', rules), { webhooks: [], problems: [] })
})

test('an alert is tried until the time of the policy is over, never after it, and its pauses grow', async () => {
  let now = 0
  const clock = {
    now: () => now,
    async pause(ms: number) {
      now += ms
    },
  }
  for (const [random, most] of [
    [0, Number.POSITIVE_INFINITY],
    [0.999, 60_000],
  ] as const) {
    now = 0
    const limits = { queue: 10, concurrency: 2, giveUpMs: 600_000 }
    const tried: number[] = []
    const ending = await new Receiver(limits, () => random, clock).send(async () => {
      tried.push(now)
      now += 1_000
      return { is: 'failed', reason: 'HTTP_503' }
    }, never)
    assert.deepEqual(ending, { undelivered: 'HTTP_503', attempts: tried.length })
    assert.ok(tried.every((at) => at < 600_000))
    assert.ok((tried.at(-1) ?? 0) > 600_000 - 1_000 - most, `the last was at ${tried.at(-1)} ms`)
    const pauses = tried.slice(1).map((at, i) => at - (tried[i] as number) - 1_000)
    assert.ok(pauses.every((pause, i) => pause >= (pauses[i - 1] ?? 0) && pause <= 60_000))
  }
})

test('who has no turn before the time of the policy is over is given up without one', async () => {
  let now = 0
  const clock = { now: () => now, pause: async () => {} }
  const it = new Receiver({ queue: 10, concurrency: 1, giveUpMs: 1_000 }, Math.random, clock)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = it.send(() => promise.then(() => ({ is: 'done' })), never)
  const second = it.send(async () => assert.fail('it was tried'), never)
  now = 1_000
  resolve()
  assert.deepEqual([await first, await second], ['delivered', { undelivered: 'NO_TURN', attempts: 0 }])
})

test('a receiver is asked by so many at once, and pauses differ', async () => {
  const limits = { queue: 10, concurrency: 2, giveUpMs: 60_000, firstMs: 1, mostMs: 2 }
  const it = new Receiver(limits, () => 0.5)
  let [running, most, failures] = [0, 0, 3]
  const attempt = async () => {
    most = Math.max(most, ++running)
    await new Promise((go) => setImmediate(go))
    running--
    return failures-- > 0 ? ({ is: 'failed', reason: 'X' } as const) : ({ is: 'done' } as const)
  }
  assert.deepEqual(
    await Promise.all(Array.from({ length: 6 }, () => it.send(attempt, never))),
    Array(6).fill('delivered'),
  )
  assert.equal(most, 2)
})

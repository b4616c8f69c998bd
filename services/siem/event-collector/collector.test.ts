import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { eventId } from '../../common/codec/event-batch.ts'
import { decodeRecord } from '../../common/codec/record.ts'
import { HttpServer } from '../../common/http/server.ts'
import { silentLog } from '../../common/log/log.ts'
import { ShardMap } from '../../common/sharding/map.ts'
import { partitionOf, slotOf } from '../../common/sharding/slot.ts'
import { placedMap } from '../../common/sharding/testing.ts'
import { serveAll, type TestCall, testTls } from '../../common/testing/server.ts'
import { testCollector } from './testing/collector.ts'

const { authority, tls, call } = await testTls()
const maxInFlight = 250_000

let bus = new MemoryBus()
const maps: { current: ShardMap | undefined } = { current: undefined }
const { collector, metrics, inFlight } = testCollector({
  bus: () => bus,
  maps,
  small: { eventsPerSecond: 2, burst: 3 },
  maxInFlight,
  now: 1_700_000_000_000,
})
const server = serveAll(tls, collector.routes)
beforeEach(() => {
  bus = new MemoryBus()
  maps.current = undefined
})

const post = (body: string | Buffer, headers: Record<string, string> = {}, token = 'nd_acme', to = server.port) =>
  call(to, '/v1/events', {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', ...headers },
  } satisfies TestCall)

const stored = () =>
  bus.records('events.raw').flatMap(({ value }) => {
    const { tenant, batch, lines, events } = decodeRecord(value, 2 ** 20)
    return lines.map((line, i) => [eventId(tenant, batch, line), events[i]!.toString()])
  })
const letters = () => bus.records('events.dead-letter').flatMap(({ value }) => JSON.parse(value.toString()).letters)

test('events are in Kafka, byte for byte, before the answer says so', async () => {
  const reply = await post('{"a": 1}\n\n{"b":2.50}\n', { 'idempotency-key': 'batch-1' })
  assert.deepEqual([reply.status, reply.json], [200, { batch: 'batch-1', accepted: 2, rejected: [], rejectedCount: 0 }])
  assert.deepEqual(stored(), [
    ['acme/batch-1/0', '{"a": 1}'],
    ['acme/batch-1/2', '{"b":2.50}'],
  ])
})

test('gzip and arrays are taken too; without an Idempotency-Key the collector makes one', async () => {
  const reply = await post(gzipSync('[{"a":1},{"b":2}]'), {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  })
  assert.match(reply.json.batch, /^[0-9a-f-]{36}$/)
  assert.deepEqual(
    stored().map(([id]) => id),
    [`acme/${reply.json.batch}/0`, `acme/${reply.json.batch}/1`],
  )
})

test('malformed lines go to the dead-letter topic with reason and original; the rest is taken', async () => {
  const reply = await post('{"a":1}\n{"a":\n[]\n', { 'idempotency-key': 'b' })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.json, {
    batch: 'b',
    accepted: 1,
    rejected: [
      { line: 1, reason: 'MALFORMED_JSON' },
      { line: 2, reason: 'NOT_AN_OBJECT' },
    ],
    rejectedCount: 2,
  })
  assert.equal(stored().length, 1)
  assert.deepEqual(
    letters().map((l: { bytes: string }) => Buffer.from(l.bytes, 'base64').toString()),
    ['{"a":', '[]'],
  )
})

test('times too far off are kept, counted, and told in the answer', async () => {
  const of = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString()
  const times = [of(0), of(3_600_000), of(3_600_001), of(-86_400_000), of(-86_400_001), of(86_400_000 * 100)]
  const body = times.map((time) => JSON.stringify({ '@timestamp': time })).join('\n')
  const reply = await post(`${body}\n{"time":1}\n{"x":{"@timestamp":"2099-01-01T00:00:00Z"}}`)
  assert.deepEqual([reply.json.accepted, reply.json.clock], [8, { future: 2, past: 1 }])
  assert.equal(stored().length, 8)
  assert.match(await metrics.text(), /nd_event_clock_problems_total\{problem="FUTURE"\} 2/)
})

test('a batch sent again carries the same ids', async () => {
  await post('{"a":1}\n{"b":1}', { 'idempotency-key': 'again' })
  const first = stored().map(([id]) => id)
  await post('{"a":1}\n{"b":1}', { 'idempotency-key': 'again' })
  assert.deepEqual(
    stored().map(([id]) => id),
    [...first, ...first],
  )
})

test('events go where the newest map says: by name, to a private slot, or by the second key', async () => {
  const keys = () => bus.records('events.raw').map(({ key }) => key!.readUInt32BE())
  const hosts = '{"host":"a"}\n{"host":"b"}\n{"host":"a","n":1}'
  assert.equal((await post(hosts)).json.accepted, 3)
  assert.deepEqual(keys(), [slotOf('acme')])
  bus = new MemoryBus()
  maps.current = new ShardMap(placedMap({ tenant: 'acme', slots: [4_100] }))
  await post(hosts)
  await post(hosts, {}, 'nd_globex')
  assert.deepEqual(keys().sort(), [slotOf('globex'), 4_100].sort())
  bus = new MemoryBus()
  const slots = [4_101, 4_102, 4_103, 4_104]
  maps.current = new ShardMap(placedMap({ tenant: 'acme', slots }))
  const reply = await post(hosts, { 'idempotency-key': 'split' })
  assert.deepEqual([reply.json.accepted, stored().length], [3, 3])
  for (const slot of slots)
    for (const { key, value } of bus.records('events.raw', partitionOf(slot, 8)))
      for (const event of decodeRecord(value, 2 ** 20).events)
        assert.equal(
          key!.readUInt32BE(),
          maps.current.slotOf('acme', () => JSON.parse(event.toString()).host),
        )
  assert.equal(new Set(keys()).size, 2)
})

test('who is not a tenant, or not of this region, is told so and stores nothing', async () => {
  const unknown = await post('{}', {}, 'nd_nobody')
  assert.deepEqual([unknown.status, unknown.json.error], [401, 'UNKNOWN_TOKEN'])
  assert.doesNotMatch(unknown.body, /nd_nobody/)
  const none = await call(server.port, '/v1/events', { method: 'POST', body: '{}' })
  assert.deepEqual([none.status, none.json.error], [401, 'NO_TOKEN'])
  const away = await post('{}', {}, 'nd_away')
  assert.deepEqual([away.status, away.json.error, away.json.homeRegion], [403, 'OTHER_HOME_REGION', 'us-east-1'])
  assert.equal(bus.records('events.raw').length, 0)
})

test('what cannot be read is refused: batch id, type, encoding, frame', async () => {
  const cases = [
    [await post('{}', { 'idempotency-key': 'a/b' }), 400, 'BAD_BATCH_ID'],
    [await post('{}', { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_TYPE'],
    [await post('{}', { 'content-encoding': 'br' }), 415, 'UNSUPPORTED_ENCODING'],
    [await post('{}', { 'content-encoding': 'gzip' }), 400, 'BAD_GZIP'],
    [await post('{}', { 'content-type': 'application/json' }), 400, 'NOT_AN_ARRAY'],
    [await post('{}\n'.repeat(101)), 413, 'TOO_MANY_EVENTS'],
  ] as const
  for (const [reply, status, code] of cases) assert.deepEqual([reply.status, reply.json.error], [status, code])
})

test('a huge body is refused by its announcement, a chunked one at the limit, a gzip bomb while it unfolds', async () => {
  const announced = await post(Buffer.alloc(5_000_000, 0x20))
  const chunked = await post(Buffer.alloc(5_000_000, 0x20), { 'transfer-encoding': 'chunked' })
  const bomb = await post(gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' })
  for (const reply of [announced, chunked, bomb])
    assert.deepEqual([reply.status, reply.json.error, reply.headers.connection], [413, 'TOO_LARGE', 'close'])
  assert.equal(inFlight.bytes, 0)
})

test('over its quota a tenant gets 429 with Retry-After; a failed batch costs nothing', async () => {
  bus.failures.push(new BusError('UNAVAILABLE', 'down'))
  assert.equal((await post('{}\n{}\n{}', {}, 'nd_small')).status, 503)
  assert.equal((await post('{}\n{}\n{}', {}, 'nd_small')).status, 200)
  const over = await post('{}', {}, 'nd_small')
  assert.deepEqual([over.status, over.json.error, over.headers['retry-after']], [429, 'OVER_QUOTA', '1'])
  assert.equal(stored().length, 3)
})

test('what Kafka does not acknowledge is 503 with Retry-After, never 200', async () => {
  for (const code of ['TIMEOUT', 'UNAVAILABLE', 'BACK_PRESSURE', 'CLOSED'] as const) {
    bus.failures.push(new BusError(code, 'no'))
    const reply = await post('{"a":1}', { 'idempotency-key': 'k' })
    assert.deepEqual([reply.status, reply.json.error], [503, code])
    assert.ok(Number(reply.headers['retry-after']) >= 1)
    assert.match(reply.json.message, /send it again with the same Idempotency-Key/)
  }
  assert.equal(stored().length, 0)
})

test('beyond the bytes in flight: 503 at once, and room again when the others are answered', async () => {
  bus.hold()
  const body = `{"x":"${'y'.repeat(9_000)}"}\n`.repeat(10)
  const open = [post(body), post(body)]
  while (inFlight.events < 20) await new Promise((resolve) => setImmediate(resolve))
  assert.match(await metrics.text(), /^nd_queue_depth 20$/m)
  const refused = await post(body)
  assert.deepEqual([refused.status, refused.json.error], [503, 'BUSY'])
  bus.release()
  for (const reply of await Promise.all(open)) assert.equal(reply.status, 200)
  assert.deepEqual([inFlight.bytes, inFlight.events], [0, 0])
  assert.equal((await post(body)).status, 200)
})

test('a sender that hangs up mid-body leaves nothing behind', async () => {
  const req = httpsRequest({
    port: server.port,
    host: '127.0.0.1',
    ca: authority.ca,
    path: '/v1/events',
    method: 'POST',
    agent: false,
  })
  req.on('error', () => {})
  req.setHeader('authorization', 'Bearer nd_acme')
  req.setHeader('content-type', 'application/x-ndjson')
  req.write('{"a":')
  while (inFlight.bytes === 0) await new Promise((resolve) => setImmediate(resolve))
  req.destroy()
  while (inFlight.bytes > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(bus.records('events.raw').length, 0)
})

test('stopping finishes what is in flight', async () => {
  const stopping = new HttpServer({
    listener: { kind: 'tls', host: '127.0.0.1', port: 0, tls },
    log: silentLog,
    routes: collector.routes,
  })
  const to = await stopping.listen()
  bus.hold()
  const open = post('{"a":1}', {}, 'nd_acme', to)
  while (inFlight.events === 0) await new Promise((resolve) => setImmediate(resolve))
  const stopped = stopping.stop(10_000)
  bus.release()
  assert.deepEqual([(await open).status, stored().length], [200, 1])
  await stopped
})

test('counts what was taken and what was refused, by bounded reasons', async () => {
  const text = await metrics.text()
  assert.match(text, /^nd_events_accepted_total [1-9]/m)
  assert.match(text, /^nd_events_rejected_total\{reason="MALFORMED_JSON"\} 1$/m)
  assert.match(text, /^nd_errors_total\{reason="OVER_QUOTA"\} 1$/m)
  assert.doesNotMatch(text, /acme|batch/)
})

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BusError } from '../../../common/bus/errors.ts'
import { MemoryBus } from '../../../common/bus/memory.ts'
import { decodeRecord } from '../../../common/codec/record.ts'
import { exportResponse } from '../../../common/formats/otlp/protobuf.ts'
import { serveAll, testTls } from '../../../common/testing/server.ts'
import { clock, limits, testCollector } from '../testing/collector.ts'
import { OtlpLogs } from './logs.ts'

const { tls, call } = await testTls()
const arrival = 1_760_000_000_000
let bus = new MemoryBus()
const { collector, metrics, counters } = testCollector({
  bus: () => bus,
  small: { eventsPerSecond: 1, burst: 1 },
  maxInFlight: 1_000_000,
  now: arrival,
})
const logs = new OtlpLogs({
  collector,
  limits,
  clock,
  clockProblem: (problem) => counters.clock.inc({ problem }),
})
const server = serveAll(tls, { ...collector.routes, ...logs.routes })
beforeEach(() => {
  bus = new MemoryBus()
})

const post = (body: string | Buffer, headers: Record<string, string> = {}, token = 'nd_acme') =>
  call(server.port, '/v1/logs', {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  })
const batches = () => bus.records('events.raw').map(({ value }) => decodeRecord(value, 2 ** 20))
const events = () => batches().flatMap((batch) => batch.events.map((event) => JSON.parse(event.toString())))

const time = `${arrival}000001`
const request = (...records: unknown[]) =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: {
          attributes: [
            { key: 'host.name', value: { stringValue: 'web-1' } },
            { key: 'service.name', value: { stringValue: 'shop' } },
          ],
        },
        scopeLogs: [{ logRecords: records }],
      },
    ],
  })
const record = { timeUnixNano: time, severityNumber: 17, body: { stringValue: 'it failed' } }
/** The same as protobuf: one record with a body. */
const binary = Buffer.from('0a13121112 0f 2a0d0a0b68656c6c6f20776f726c64'.replaceAll(' ', ''), 'hex')

test('a record is an event, its original kept; the answer is empty', async () => {
  const body = request(record)
  for (const sent of [post(body), post(gzipSync(body), { 'content-encoding': 'gzip' })]) {
    const reply = await sent
    assert.deepEqual([reply.status, reply.json], [200, {}])
  }
  const [event] = events()
  assert.deepEqual(event, {
    format: 'otlp',
    '@timestamp': new Date(arrival).toISOString(),
    host: 'web-1',
    provider: 'shop',
    message: 'it failed',
    otlp: {
      resource: { 'host.name': 'web-1', 'service.name': 'shop' },
      time_unix_nano: time,
      severity_number: 17,
      body: 'it failed',
      attributes: {},
    },
    transport: { protocol: 'otlp-http' },
    original: JSON.stringify(record),
  })
})

test('protobuf is answered with protobuf; its original is base64', async () => {
  const reply = await post(binary, { 'content-type': 'application/x-protobuf' })
  assert.deepEqual(
    [reply.status, reply.headers['content-type'], reply.headers['content-length']],
    [200, 'application/x-protobuf', '0'],
  )
  const [event] = events()
  assert.deepEqual(
    [event.message, event.original_encoding, event.original],
    ['hello world', 'base64', binary.subarray(6).toString('base64')],
  )
  const wrong = await post('nonsense', { 'content-type': 'application/x-protobuf' })
  assert.deepEqual([wrong.status, wrong.headers['content-type']], [400, 'application/x-protobuf'])
  assert.match(wrong.body, /ExportLogsServiceRequest/)
})

test('a request sent again is the same batch; undated ones, or under a key, have their own', async () => {
  await post(request(record))
  await post(request(record))
  await post(request({ body: { stringValue: 'undated' } }))
  await post(request({ body: { stringValue: 'undated' } }))
  await post(request(record), { 'idempotency-key': 'mine' })
  const ids = batches().map(({ batch }) => batch)
  assert.equal(ids[0], ids[1])
  assert.match(ids[0]!, /^~c-/)
  assert.notEqual(ids[2], ids[3])
  assert.equal(ids[4], 'mine')
})

test('partial success: what cannot be read or is too large is a dead letter, and told', async () => {
  const large = { timeUnixNano: time, body: { stringValue: 'x'.repeat(6_000) } }
  const reply = await post(request(record, { timeUnixNano: 'soon' }, large))
  assert.deepEqual(reply.json, {
    partialSuccess: {
      rejectedLogRecords: '2',
      errorMessage: '2 log records were not taken: MALFORMED_RECORD, TOO_LARGE.',
    },
  })
  assert.equal(events().length, 1)
  const { letters } = JSON.parse(bus.records('events.dead-letter')[0]!.value.toString())
  assert.deepEqual(
    letters.map((l: { line: number; reason: string }) => [l.line, l.reason]),
    [
      [1, 'MALFORMED_RECORD'],
      [2, 'TOO_LARGE'],
    ],
  )
  const broken = Buffer.from('0a0812061204 2a02ffff'.replaceAll(' ', ''), 'hex')
  const answer = await post(broken, { 'content-type': 'application/x-protobuf' })
  assert.equal(answer.body, exportResponse(1, '1 log records were not taken: MALFORMED_RECORD.').toString())
})

test('attack: attributes that name another tenant change nothing', async () => {
  const claim = [
    { key: 'tenant', value: { stringValue: 'globex' } },
    { key: 'neurodefender.tenant', value: { stringValue: 'globex' } },
  ]
  const body = JSON.stringify({
    resourceLogs: [
      { resource: { attributes: claim }, scopeLogs: [{ logRecords: [{ ...record, attributes: claim }] }] },
    ],
  })
  await post(body, { 'x-scope-orgid': 'globex' })
  assert.deepEqual(
    batches().map(({ tenant }) => tenant),
    ['acme'],
  )
})

test('who may not, or sends too much, is told with the codes of OTLP', async () => {
  const cases = [
    [await post('{}', {}, 'nd_nobody'), 401, 'UNKNOWN_TOKEN'],
    [await post('{}', { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_TYPE'],
    [await post('{"resourceLogs":1}'), 400, 'MALFORMED_REQUEST'],
    [await post(request(...Array.from({ length: 101 }, () => record))), 413, 'TOO_MANY_EVENTS'],
    [await post('x'.repeat(200_000)), 413, 'TOO_LARGE'],
  ] as const
  for (const [reply, code, error] of cases) assert.deepEqual([reply.status, reply.json.error], [code, error])
  assert.equal((await post(request(record), {}, 'nd_small')).status, 200)
  const over = await post(binary, { 'content-type': 'application/x-protobuf' }, 'nd_small')
  assert.deepEqual([over.status, over.headers['retry-after'], over.body.charCodeAt(1)], [429, '1', 8])
  bus.failures.push(new BusError('UNAVAILABLE', 'down'))
  const down = await post(request(record))
  assert.deepEqual([down.status, down.json.error], [503, 'UNAVAILABLE'])
})

test('times too far off are kept, flagged and counted', async () => {
  await post(
    request(
      { ...record, timeUnixNano: `${arrival + 3_600_001}000000` },
      { ...record, timeUnixNano: '1' },
      { body: { stringValue: 'x' }, observedTimeUnixNano: `${arrival - 86_400_001}000000` },
    ),
  )
  assert.deepEqual(
    events().map(({ clock }) => clock),
    ['FUTURE', undefined, 'PAST'],
  )
  const text = await metrics.text()
  assert.match(text, /nd_event_clock_problems_total\{problem="FUTURE"\} 1/)
  assert.match(text, /nd_event_clock_problems_total\{problem="PAST"\} 1/)
})

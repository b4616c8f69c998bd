import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { HttpServer } from '../../common/http/server.ts'
import { silentLog } from '../../common/log/log.ts'
import { Placing } from '../../common/placing/placing.ts'
import { plainCall } from '../../common/testing/server.ts'
import { parentage, recordingTracer } from '../../common/testing/traces.ts'
import { untraced } from '../../common/tracing/tracer.ts'
import { InFlight } from './in-flight.ts'
import { Gatherer } from './messages/gatherer.ts'
import { testCollector } from './testing/collector.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

async function served(tracer = recordingTracer(), on = true) {
  const bus = new MemoryBus()
  const { collector } = testCollector({
    bus: () => bus,
    small: { eventsPerSecond: 2, burst: 3 },
    maxInFlight: 250_000,
    now: 1_700_000_000_000,
    tracer: on ? tracer.tracer : untraced,
  })
  const server = new HttpServer({
    listener: { kind: 'proxied', port: 0 },
    log: silentLog,
    routes: collector.routes,
  })
  const port = await server.listen()
  const post = (body: string, headers: Record<string, string> = {}) =>
    plainCall(port, '/v1/events', {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer nd_acme', 'content-type': 'application/x-ndjson', ...headers },
    })
  return { ...tracer, bus, post, stop: () => server.stop(0) }
}

test('a request is one trace, whose place its records carry', async () => {
  const { spans, bus, post, stop } = await served()
  const traceparent = `00-${traceId}-00f067aa0ba902b7-00`
  const { status } = await post('{"user":"bob"}\nnone\n', { traceparent, 'idempotency-key': 'b-1' })
  assert.equal(status, 200)
  assert.deepEqual(parentage(spans), [
    'collect > read',
    'collect > parse',
    'collect > normalise',
    'collect > produce events.raw',
    'collect',
  ])
  const produce = spans.find(({ name }) => name === 'produce events.raw')!
  assert.deepEqual(
    bus.records('events.raw').map((record) => record.traceparent),
    [`00-${traceId}-${produce.context.spanId}-01`],
  )
  assert.deepEqual(
    bus.records('events.dead-letter').map((record) => record.traceparent),
    [undefined],
  )
  const root = spans.at(-1)!
  assert.deepEqual(root.attributes, {
    'http.request.method': 'POST',
    'http.route': '/v1/events',
    'nd.bytes': 20,
    'nd.events': 1,
    'nd.rejected': 1,
  })
  assert.doesNotMatch(JSON.stringify(spans), /acme|bob|b-1/)
  await stop()
})

test('what is refused or not acknowledged is a failed trace, by its code', async () => {
  const { spans, bus, post, stop } = await served()
  assert.equal((await post('{}', { authorization: 'Bearer nobody' })).status, 401)
  bus.failures.push(new BusError('TIMEOUT', 'no'))
  assert.equal((await post('{}')).status, 503)
  assert.deepEqual(
    spans.flatMap(({ name, failure }) => (failure ? [`${name} ${failure}`] : [])),
    ['collect UNKNOWN_TOKEN', 'produce events.raw TIMEOUT', 'collect TIMEOUT'],
  )
  await stop()
})

test('law: whatever a sender writes into traceparent, its events are taken the same', async () => {
  const { post, bus, stop } = await served()
  const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
  await fc.assert(
    fc.asyncProperty(printable, async (traceparent) => {
      assert.equal((await post('{"a":1}', { traceparent })).status, 200)
      assert.match(bus.records('events.raw').at(-1)?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    }),
    { numRuns: 30 },
  )
  await stop()
})

test('a collector that traces nothing writes records without a header, whatever the sender wants', async () => {
  const { spans, bus, post, stop } = await served(recordingTracer(), false)
  await post('{"a":1}', { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
  assert.deepEqual(spans, [])
  assert.deepEqual(
    bus.records('events.raw').map((record) => record.traceparent),
    [undefined],
  )
  await stop()
})

test('a batch of messages is one trace', async () => {
  const { tracer, spans } = recordingTracer()
  const bus = new MemoryBus()
  const gatherer = new Gatherer({
    partitions: 8,
    placing: new Placing({ current: undefined }),
    producer: bus.producer(),
    inFlight: new InFlight(1e6),
    maxHeldBytes: 1e6,
    maxBatch: 10,
    maxBatchBytes: 1e6,
    lingerMs: 1,
    log: silentLog,
    tracer,
  })
  gatherer.take('acme', [{ bytes: Buffer.from('{"a":1}') }])
  await gatherer.close(1_000)
  assert.deepEqual(parentage(spans), [
    'collect messages > normalise',
    'collect messages > produce events.raw',
    'collect messages',
  ])
  assert.equal(bus.records('events.raw')[0]?.traceparent, spans[1]?.traceparent)
})

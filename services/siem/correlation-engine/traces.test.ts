import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusError } from '../../common/bus/errors.ts'
import { MemoryBus } from '../../common/bus/memory.ts'
import { silentLog } from '../../common/log/log.ts'
import { until } from '../../common/testing/processes.ts'
import { parentage, recordingTracer } from '../../common/testing/traces.ts'
import { encoded, failed, partitions, sendEvents, start, TestShard } from './testing/engine.ts'
import { WebhookDispatcher } from './webhooks/dispatcher.ts'

const origin = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const traceparent = `00-${origin.traceId}-${origin.spanId}-01`

async function shardOn(bus: MemoryBus) {
  const { tracer, spans } = recordingTracer()
  const shard = await new TestShard(bus, { tracer }).start()
  return { shard, spans, tracer }
}

test('a record goes on with its trace, and so does each of its alerts; a record in no trace begins none', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)])
  sendEvents(bus, 'acme', 'b-2', [encoded(2), failed('bob', 2)], start, { traceparent })
  const { shard, spans } = await shardOn(bus)
  await shard.settle()
  assert.deepEqual(parentage(spans), [
    'elsewhere > wait events.raw',
    'correlate > decode',
    'correlate > evaluate',
    'elsewhere > correlate',
    'alert > publish',
    'correlate > alert',
  ])
  for (const { context } of spans) assert.equal(context.traceId, origin.traceId)
  for (const { name, parent } of spans)
    if (name === 'correlate' || name === 'wait events.raw') assert.equal(parent, origin.spanId)
  const alert = spans.at(-1)!
  assert.deepEqual(
    bus.records('alerts').map((record) => record.traceparent),
    [undefined, alert.traceparent],
  )
  assert.equal(alert.attributes['nd.rule'], '00000000-0000-0000-0000-000000000001')
  assert.doesNotMatch(JSON.stringify(spans), /acme|bob|b-2|powershell/)
})

test('alerts of a record beyond the first ones have no spans, and are written all the same', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(
    bus,
    'acme',
    'b-1',
    Array.from({ length: 10 }, (_, i) => encoded(i)),
    start,
    { traceparent },
  )
  const { shard, spans } = await shardOn(bus)
  await shard.settle()
  assert.equal(bus.records('alerts').length, 10)
  assert.equal(spans.filter(({ name }) => name === 'alert').length, 3)
})

test('an alert that the brokers did not take at first has a span for each attempt', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)], start, { traceparent })
  bus.failures.push(new BusError('UNAVAILABLE', 'no'))
  const { shard, spans } = await shardOn(bus)
  await shard.settle()
  assert.deepEqual(
    spans.filter(({ name }) => name === 'publish').map(({ failure }) => failure),
    ['UNAVAILABLE', undefined],
  )
})

test('a record that cannot be read, or whose header is no context, is as any other', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)], start, { traceparent: 'what an old writer wrote' })
  sendEvents(bus, 'acme', 'b-2', [encoded(1)], start, { traceparent })
  const [, record] = bus.records('events.raw')
  record?.value.fill(0)
  const { shard, spans } = await shardOn(bus)
  await shard.settle()
  assert.equal(bus.records('alerts').length, 1)
  assert.deepEqual(parentage(spans), ['elsewhere > wait events.raw', 'correlate > decode', 'elsewhere > correlate'])
})

test('a webhook goes on with the trace of its alert', async () => {
  const bus = new MemoryBus(partitions)
  sendEvents(bus, 'acme', 'b-1', [encoded(1)], start, { traceparent })
  const { shard, spans, tracer } = await shardOn(bus)
  await shard.settle()
  const alert = spans.find(({ name }) => name === 'alert')!
  spans.length = 0
  const consumer = bus.consumer('correlation-engine.webhooks', 'alerts')
  const webhook = { url: new URL('https://127.0.0.1:1/hook'), secret: 'acme', level: 'informational' as const }
  const dispatcher = new WebhookDispatcher({
    consumer,
    producer: bus.producer(),
    registry: { of: () => [webhook as never], key: () => Buffer.from('key') },
    deliver: { timeoutMs: 1_000, lookup: () => {} },
    limits: { queue: 10, concurrency: 1, giveUpMs: 1 },
    mostOpen: 10,
    counted: () => {},
    log: silentLog,
    tracer,
  })
  await dispatcher.start()
  await consumer.poll()
  await until('the webhook is given up', () => spans.some(({ name }) => name === 'webhook'))
  await dispatcher.stop()
  assert.deepEqual(parentage(spans), ['elsewhere > wait alerts', 'webhook > deliver', 'elsewhere > webhook'])
  assert.deepEqual(
    spans.map(({ failure }) => failure),
    [undefined, 'ECONNREFUSED', 'ECONNREFUSED'],
  )
  assert.deepEqual([spans[0]?.parent, spans[2]?.parent], [alert.context.spanId, alert.context.spanId])
})

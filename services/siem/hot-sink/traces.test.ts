import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryBus } from '../../common/bus/memory.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { silentLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { until } from '../../common/testing/processes.ts'
import { parentage, recordingTracer } from '../../common/testing/traces.ts'
import { HotTierError } from './errors.ts'
import { eventContent } from './rows.ts'
import { Sink } from './sink.ts'
import { MemoryHotTier } from './testing/memory-hot-tier.ts'

const topic = 'events.raw'
const origin = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const traceparent = `00-${origin.traceId}-${origin.spanId}-01`

class Failing extends MemoryHotTier {
  failures: HotTierError[] = []

  override async insert(token: string, rows: Buffer): Promise<void> {
    const failure = this.failures.shift()
    if (failure) throw failure
    await super.insert(token, rows)
  }
}

function world() {
  const { tracer, spans } = recordingTracer()
  const bus = new MemoryBus(1)
  const consumer = bus.consumer('hot-sink', topic)
  const hotTier = new Failing()
  const sink = new Sink({
    topic,
    consumer,
    producer: bus.producer(),
    hotTier,
    content: eventContent,
    limits: { maxRows: 2, maxBytes: 100_000, maxDelayMs: 5, partitionBy: 'day', maxRecordBytes: 10_000 },
    room: { partition: 1e6, total: 1e6 },
    concurrency: 1,
    lagMaxAgeMs: 0,
    metrics: createMetrics({ process: false }),
    log: silentLog,
    retry: { soon: { firstMs: 1, mostMs: 1 }, later: { firstMs: 1, mostMs: 1 } },
    tracer,
  })
  const send = (batch: string, header?: string) =>
    bus.append({
      topic,
      partition: 0,
      key: null,
      value: encodeRecord({
        tenant: 'acme',
        batch,
        arrival: 1_764_000_000_000,
        lines: [0],
        events: [Buffer.from('{"user":"bob"}')],
      }),
      ...(header === undefined ? {} : { traceparent: header }),
    })
  const stored = (records: bigint) =>
    until('it is stored', async () => (await consumer.committed([0])).get(0)?.offset === records)
  return { sink, consumer, hotTier, spans, send, stored }
}

test('a stored record goes on with its trace; the others of its block begin none', async () => {
  const { sink, consumer, spans, send, stored } = world()
  await sink.start()
  send('b-1')
  send('b-2', traceparent)
  await consumer.poll()
  await stored(2n)
  await sink.stop(0)
  assert.deepEqual(parentage(spans), [
    'elsewhere > wait events.raw',
    'elsewhere > gather block',
    'store > look up',
    'store > make rows',
    'store > insert',
    'elsewhere > store',
  ])
  for (const { context } of spans) assert.equal(context.traceId, origin.traceId)
  const store = spans.at(-1)!
  assert.deepEqual([store.parent, store.attributes], [origin.spanId, { 'nd.rows': 1, 'nd.records': 2 }])
  assert.doesNotMatch(JSON.stringify(spans), /acme|bob|b-2/)
})

test('a block that is tried again shows each attempt, and a header that is no context changes nothing', async () => {
  const { sink, consumer, hotTier, spans, send, stored } = world()
  hotTier.failures.push(new HotTierError('UNAVAILABLE', 'no'))
  await sink.start()
  send('b-1', traceparent)
  send('b-2', 'nothing that anybody can read')
  await consumer.poll()
  await stored(2n)
  await sink.stop(0)
  assert.deepEqual(
    spans.filter(({ name }) => name === 'insert').map(({ failure }) => failure),
    ['UNAVAILABLE', undefined],
  )
  assert.equal(spans.filter(({ name }) => name === 'store').length, 1)
})

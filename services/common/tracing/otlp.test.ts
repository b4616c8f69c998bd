import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import fc from 'fast-check'
import { exportRequest, nanoseconds } from './otlp.ts'
import { type Span, spanKinds } from './span.ts'
import { Tracer } from './tracer.ts'

const resource = { 'service.name': 'event-collector', 'service.instance.id': 'event-collector-0' }

test('law: a time in milliseconds is as many nanoseconds', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999 }), (seconds, micros) => {
      const ms = seconds * 1_000 + Math.floor(micros / 1_000) + (micros % 1_000) / 1_000
      const text = nanoseconds(ms)
      assert.match(text, /^\d+$/)
      // As near as a number of that size can be: a quarter of a microsecond.
      assert.ok(Math.abs(Number(BigInt(text) / 1_000n) - (seconds * 1e6 + micros)) <= 1, `${ms} ${text}`)
    }),
  )
  assert.equal(nanoseconds(1_764_352_800_123.5), '1764352800123500000')
})

/** What OpenTelemetry's own library makes of the same span. */
function peer(spans: readonly Span[]): unknown {
  const hr = (ms: number): [number, number] => {
    const text = nanoseconds(ms)
    return [Number(text.slice(0, -9)), Number(text.slice(-9))]
  }
  const shared = {
    resource: { attributes: resource, merge: () => assert.fail(), getRawAttributes: () => Object.entries(resource) },
    instrumentationScope: { name: 'neurodefender' },
    events: [],
    duration: [0, 0],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  const readable = spans.map(({ name, kind, context, parent, start, end, attributes, failure, links }) => ({
    ...shared,
    name,
    // Its own numbers begin with 0.
    kind: spanKinds[kind] - 1,
    spanContext: () => ({ ...context, traceFlags: 1 }),
    ...(parent ? { parentSpanContext: { traceId: context.traceId, spanId: parent, traceFlags: 1 } } : {}),
    startTime: hr(start),
    endTime: hr(end!),
    attributes: failure ? { ...attributes, 'error.type': failure } : attributes,
    status: { code: failure ? 2 : 0 },
    links: links.map((of) => ({ context: { ...of, traceFlags: 1 } })),
  }))
  const bytes = JsonTraceSerializer.serializeRequest(readable as never)
  return JSON.parse(Buffer.from(bytes!).toString())
}

/** Everything but counts of what was left out, flags, and empty parts, which both sides may leave out. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !/^dropped|^flags$|^events$|^schemaUrl$/.test(key) && !(Array.isArray(inner) && inner.length === 0),
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, bare(inner)]))
}

test('a request says what OpenTelemetry’s own library would say of the same spans', () => {
  const spans: Span[] = []
  const tracer = new Tracer({ oneIn: 1, perSecond: 1e9, burst: 1e9, export: (span) => spans.push(span) })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const root = tracer.begin('collect', { traceparent }, { kind: 'server' })!
  root.child('produce events.raw', { kind: 'producer', attributes: { share: 0.5, again: true } }).finish()
  tracer.follow(tracer.origin(traceparent)!, 'correlate', { kind: 'consumer' }).fail('TIMEOUT').finish()
  root.set({ 'nd.events': 7, 'http.route': '/v1/events' }).finish()
  assert.deepEqual(bare(JSON.parse(exportRequest(resource, spans))), bare(peer(spans)))
})

test('a long text is cut', () => {
  const spans: Span[] = []
  const tracer = new Tracer({ oneIn: 1, perSecond: 1e9, burst: 1e9, export: (span) => spans.push(span) })
  tracer.begin('work', undefined, { attributes: { text: 'x'.repeat(10_000) } })!.finish()
  assert.ok(exportRequest(resource, spans).length < 1_500)
})

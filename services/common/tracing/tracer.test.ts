import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seeded } from '../testing/random.ts'
import type { Span } from './span.ts'
import { Tracer, type TracerOptions, untraced } from './tracer.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const sender = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }

function tracer(options: Partial<TracerOptions> = {}) {
  const spans: Span[] = []
  const chosen = { begun: 0, ceiling: 0 }
  const of = new Tracer({
    oneIn: 1,
    perSecond: 1e9,
    burst: 1e9,
    export: (span) => spans.push(span),
    chosen: (result) => chosen[result]++,
    ...options,
  })
  return { of, spans, chosen }
}

test('on average one in so many begins a trace, and none waits for twice as many', () => {
  for (const oneIn of [1, 2, 10, 100]) {
    const { of } = tracer({ oneIn, random: seeded(7) })
    let begun = 0
    let since = 0
    for (let i = 0; i < 200_000; i++) {
      since++
      if (of.begin('work') === undefined) continue
      assert.ok(since < 2 * oneIn)
      since = 0
      begun++
    }
    const expected = 200_000 / oneIn
    assert.ok(Math.abs(begun - expected) < 0.1 * expected, `${begun} of about ${expected}`)
  }
})

test('law: no pattern of requests, whatever their headers say, begins more traces than the ceiling lets through', () => {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5_000, noNaN: true })), {
    minLength: 1,
    maxLength: 300,
  })
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), (waits, burst, perSecond) => {
      let at = 0
      const { of, chosen } = tracer({ burst, perSecond, now: () => at })
      let begun = 0
      for (const wait of waits) {
        at += wait
        if (of.begin('work', sender)) begun++
        assert.ok(begun <= burst + (at / 1_000) * perSecond + 1e-6, `${begun} within ${at} ms`)
      }
      assert.equal(chosen.begun, begun)
      assert.equal(chosen.begun + chosen.ceiling, waits.length)
    }),
  )
})

test('of the sender the trace’s id is kept and its span is a link; nothing else of it counts', () => {
  const { of, spans } = tracer()
  const span = of.begin('work', sender)!
  assert.deepEqual([span.context.traceId, span.parent], [traceId, undefined])
  assert.deepEqual(span.links, [{ traceId, spanId: '00f067aa0ba902b7' }])
  assert.notEqual(span.context.spanId, '00f067aa0ba902b7')
  span.finish()
  assert.deepEqual(spans, [span])
  const own = of.begin('work', { traceparent: ['00-a', 7] })!
  assert.notEqual(own.context.traceId, traceId)
  assert.deepEqual(own.links, [])
})

test('law: nothing in a header throws or is more than a trace’s id', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string()), (traceparent) => {
      const span = tracer().of.begin('work', { traceparent })!
      assert.match(span.context.traceId, /^[0-9a-f]{32}$/)
      tracer().of.origin(traceparent as string)
    }),
  )
})

test('of a request that is not chosen nothing is looked at', () => {
  const headers = new Proxy({}, { get: (_, name) => assert.fail(`The header ${String(name)} was read.`) })
  const { of } = tracer({ oneIn: 1_000, random: () => 0.999 })
  for (let i = 0; i < 1_000; i++) assert.equal(of.begin('work', headers), undefined)
  for (let i = 0; i < 1_000; i++) assert.equal(untraced.begin('work', headers), undefined)
})

test('a record that comes from a trace goes on with it, and in a process that traces nothing it does not', () => {
  const { of, spans } = tracer({ oneIn: 1_000 })
  const origin = of.origin(sender.traceparent)!
  const span = of.follow(origin, 'correlate', { start: 5 })
  assert.deepEqual([span.context.traceId, span.parent, span.start], [traceId, '00f067aa0ba902b7', 5])
  const part = span.child('decode')
  part.finish()
  span.finish()
  assert.deepEqual(part.parent, span.context.spanId)
  assert.deepEqual(spans, [part, span])
  assert.equal(of.origin(undefined), undefined)
  assert.equal(untraced.origin(sender.traceparent), undefined)
})

test('a span that has ended stays as it was, and never ends before it began', () => {
  const { of, spans } = tracer()
  const span = of.begin('work', undefined, { start: 1_000 })!
  span.finish(900)
  span.fail('LATE').set({ more: 1 })
  span.finish(2_000)
  assert.deepEqual([spans.length, span.end, span.failure, span.attributes], [1, 1_000, undefined, {}])
})

test('times are the machine’s, finer than its own, and do not go back', () => {
  const { of } = tracer()
  const before = Date.now()
  let last = of.now()
  assert.ok(Math.abs(last - before) < 1_000)
  for (let i = 0; i < 1_000; i++) {
    const now = of.now()
    assert.ok(now >= last)
    last = now
  }
  const span = of.begin('work')!
  const at = performance.now()
  span.part('a part', at - 20, at - 5)
})

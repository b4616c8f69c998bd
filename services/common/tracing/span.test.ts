import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BusError } from '../bus/errors.ts'
import { codeOf, during, producing, type Span, within } from './span.ts'
import { Tracer } from './tracer.ts'

function root() {
  const spans: Span[] = []
  const tracer = new Tracer({ oneIn: 1, perSecond: 1e9, burst: 1e9, export: (span) => spans.push(span) })
  return { span: tracer.begin('work')!, spans }
}

test('a part is there whether it went well or not, and what was thrown is thrown on', async () => {
  const { span, spans } = root()
  assert.equal(await within(span, 'good', async () => 1), 1)
  assert.equal(
    during(span, 'good too', () => 2),
    2,
  )
  const error = new BusError('TIMEOUT', 'Nobody answered for acme.')
  await assert.rejects(
    within(span, 'bad', () => Promise.reject(error)),
    error,
  )
  assert.throws(
    () =>
      during(span, 'worse', () => {
        throw new TypeError('secret')
      }),
    /secret/,
  )
  assert.deepEqual(
    spans.map(({ name, failure, parent }) => [name, failure, parent === span.context.spanId]),
    [
      ['good', undefined, true],
      ['good too', undefined, true],
      ['bad', 'TIMEOUT', true],
      ['worse', 'INTERNAL', true],
    ],
  )
})

test('without a span the work is done as it is, and the same promise comes back', () => {
  const promise = Promise.resolve(1)
  assert.equal(
    within(undefined, 'part', () => promise),
    promise,
  )
  assert.equal(
    during(undefined, 'part', () => 3),
    3,
  )
})

test('only codes are told of what went wrong', () => {
  assert.equal(codeOf({ code: 'ECONNREFUSED' }), 'ECONNREFUSED')
  for (const code of ['a text of a tenant', 'X'.repeat(65), '', 7, undefined, 'lower'])
    assert.equal(codeOf({ code }), 'INTERNAL')
  assert.equal(codeOf(undefined), 'INTERNAL')
})

test('what is handed over to a topic is a part that its records name', async () => {
  const { span, spans } = root()
  const told = await producing(span, 'events.raw', async (traceparent) => traceparent)
  const [part] = spans
  assert.deepEqual([part?.name, part?.traceparent], ['produce events.raw', told])
  assert.equal(part?.attributes['messaging.destination.name'], 'events.raw')
  assert.equal(await producing(undefined, 'events.raw', async (traceparent) => traceparent), undefined)
})

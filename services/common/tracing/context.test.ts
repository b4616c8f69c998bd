import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newId, parseTraceparent, traceparentOf } from './context.ts'

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const ids = (length: number) => digits(length).filter((id) => !/^0+$/.test(id))

test('law: a context comes back as it was handed on', () => {
  fc.assert(
    fc.property(ids(32), ids(16), (traceId, spanId) => {
      assert.deepEqual(parseTraceparent(traceparentOf({ traceId, spanId })), { traceId, spanId })
    }),
  )
})

test('law: nothing that anybody sends throws, and what is taken is well formed', () => {
  const nearly = fc
    .tuple(
      fc.oneof(digits(2), fc.string()),
      fc.oneof(digits(32), fc.string()),
      fc.oneof(digits(16), fc.string()),
      digits(2),
    )
    .map((parts) => parts.join('-'))
  const parts = { traceId: /^[0-9a-f]{32}$/, spanId: /^[0-9a-f]{16}$/ }
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string(), nearly, fc.array(nearly)), (sent) => {
      const found = parseTraceparent(sent)
      if (found === undefined) return
      assert.match(found.traceId, parts.traceId)
      assert.match(found.spanId, parts.spanId)
    }),
  )
})

test('W3C’s own examples, and what it calls invalid', () => {
  const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
  const good = `${traceId}-${spanId}`
  for (const text of [`00-${good}-01`, `00-${good}-00`, `cc-${good}-01`, `cc-${good}-01-what-comes-later`])
    assert.deepEqual(parseTraceparent(text), { traceId, spanId }, text)
  for (const text of [
    '',
    good,
    `ff-${good}-01`,
    `00-${good}-01-more`,
    `cc-${good}-01.more`,
    `00-${good.toUpperCase()}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${good}-01, 00-${good}-01`,
    ` 00-${good}-01`,
    `cc-${good}-01-${'x'.repeat(600)}`,
  ])
    assert.equal(parseTraceparent(text), undefined, text)
})

test('new ids are as long as said, and no two alike', () => {
  assert.match(newId(16), /^[0-9a-f]{32}$/)
  assert.equal(new Set(Array.from({ length: 1_000 }, () => newId(8))).size, 1_000)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arrayElements } from '../../common/formats/json-elements.ts'
import { HttpError } from '../../common/http/errors.ts'
import { bodyFormat, type Split } from './lines.ts'
import { split } from './split.ts'

const limits = { maxEventBytes: 64, maxEvents: 1_000 }
const shown = ({ accepted, rejected }: Split) => ({
  accepted: accepted.map(({ line, bytes }) => [line, bytes.toString()]),
  rejected: rejected.map(({ line, reason }) => [line, reason]),
})
const of = (format: 'ndjson' | 'array', body: string | Buffer) => shown(split(format, Buffer.from(body), limits))

const objects = fc.array(fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 })), { maxLength: 20 })
const wide = { maxEventBytes: 1_000_000, maxEvents: 1_000 }

test('NDJSON: bytes stay as they were sent; blank lines keep their numbers; CRLF and a missing last line end are fine', () => {
  assert.deepEqual(of('ndjson', '{"a": 1.0}\n\n  \r\n {"b":"\\u00fc"}\r\n{}'), {
    accepted: [
      [0, '{"a": 1.0}'],
      [3, ' {"b":"\\u00fc"}'],
      [4, '{}'],
    ],
    rejected: [],
  })
  assert.deepEqual(of('ndjson', ''), { accepted: [], rejected: [] })
})

test('NDJSON: each bad line is rejected with its reason, the others are taken', () => {
  const long = `{"x":"${'y'.repeat(100)}"}`
  const body = Buffer.concat([
    Buffer.from(`{"a":1}\n{"a":\n[1]\n"text"\nnull\n${long}\n{"u":"`),
    Buffer.from([0xc3, 0x28]),
    Buffer.from('"}\n{"z":1}'),
  ])
  assert.deepEqual(of('ndjson', body), {
    accepted: [
      [0, '{"a":1}'],
      [7, '{"z":1}'],
    ],
    rejected: [
      [1, 'MALFORMED_JSON'],
      [2, 'NOT_AN_OBJECT'],
      [3, 'NOT_AN_OBJECT'],
      [4, 'NOT_AN_OBJECT'],
      [5, 'TOO_LARGE'],
      [6, 'INVALID_UTF8'],
    ],
  })
})

test('array: elements keep their bytes, whatever stands in their strings', () => {
  const body = ' [ {"a": "],[{\\"}\\\\"} ,\n{ "b":\n[1, {"c": 2}] }\n, 5, {bad} ] \n'
  assert.deepEqual(of('array', body), {
    accepted: [
      [0, '{"a": "],[{\\"}\\\\"}'],
      [1, '{ "b":\n[1, {"c": 2}] }'],
    ],
    rejected: [
      [2, 'NOT_AN_OBJECT'],
      [3, 'MALFORMED_JSON'],
    ],
  })
  assert.deepEqual(of('array', '[]'), { accepted: [], rejected: [] })
})

test('array: a broken frame is refused as a whole', () => {
  for (const body of ['', '{}', '[', '[{}', '[{},]', '[,{}]', '[{}]]', '[{}] x', '[{}}', '["abc', 'null'])
    assert.throws(
      () => of('array', body),
      (error: unknown) => error instanceof HttpError && error.code === 'NOT_AN_ARRAY',
      body,
    )
})

test('law: both formats find the same events, in order', () => {
  fc.assert(
    fc.property(objects, fc.constantFrom('', ' ', '\n', '\r\n\t'), (events, space) => {
      const texts = events.map((event) => JSON.stringify(event))
      const array = Buffer.from(`${space}[${space}${texts.join(`${space},${space}`)}${space}]${space}`)
      const expected = { accepted: texts.map((text, line) => [line, text]), rejected: [] }
      assert.deepEqual(shown(split('array', array, wide)), expected)
      assert.deepEqual(shown(split('ndjson', Buffer.from(texts.join('\n')), wide)), expected)
    }),
  )
})

test('law: the slicer takes every array that JSON.parse takes, with as many elements', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 10 }), fc.constantFrom(undefined, 2), (values, indent) => {
      const body = Buffer.from(JSON.stringify(values, undefined, indent))
      const spans = arrayElements(body, 1_000)
      assert.deepEqual(
        spans?.map(([from, to]) => JSON.parse(body.subarray(from, to).toString())),
        JSON.parse(body.toString()),
      )
    }),
  )
})

test('too many events are refused, not cut', () => {
  const few = { maxEventBytes: 64, maxEvents: 2 }
  for (const [format, body] of [
    ['ndjson', '{}\n{}\nbad'],
    ['array', '[{},{},{}]'],
  ] as const)
    assert.throws(() => split(format, Buffer.from(body), few), /at most 2 events/)
})

test('the Content-Type says how to read; others are refused', () => {
  assert.equal(bodyFormat('application/x-ndjson; charset=utf-8'), 'ndjson')
  assert.equal(bodyFormat('Application/JSON'), 'array')
  for (const type of [undefined, 'text/plain', '', 'constructor'])
    assert.throws(() => bodyFormat(type), /application\/x-ndjson/)
})

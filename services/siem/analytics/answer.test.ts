import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerCodec, type Cell, readAnswer } from './answer.ts'
import type { AnswerColumn } from './statement.ts'

const columns: readonly AnswerColumn[] = [
  { name: 'bucket', kind: 'instant' },
  { name: 'host', kind: 'text' },
  { name: 'count', kind: 'count' },
]
const read = (...data: unknown[]) => readAnswer({ data }, columns).rows

test("the engine's words become times, texts and numbers", () => {
  assert.deepEqual(readAnswer({ data: [['1767607200000', '7', '42']] }, columns), {
    columns: ['bucket', 'host', 'count'],
    rows: [['2026-01-05T10:00:00.000Z', '7', 42]],
  })
  assert.deepEqual(read([-1, '', 0]), [['1969-12-31T23:59:59.999Z', '', 0]])
  assert.deepEqual(read([0, '', '18446744073709551615']), [['1970-01-01T00:00:00.000Z', '', '18446744073709551615']])
})

test('what was not asked for is no answer', () => {
  for (const row of [
    [],
    ['0', 'h'],
    ['0', 'h', '1', '2'],
    ['x', 'h', '1'],
    ['0', 7, '1'],
    ['0', 'h', 'x'],
    ['0', 'h', null],
    7,
  ])
    assert.throws(() => read(row), { code: 'BAD_ANSWER' })
  for (const body of [undefined, {}, { data: 7 }, []])
    assert.throws(() => readAnswer(body, columns), { code: 'BAD_ANSWER' })
})

test('what is kept comes back as it was; anything else does not', () => {
  const codec = answerCodec(columns, 3)
  const cell = fc.tuple(
    fc.date({ min: new Date('1800-01-01'), max: new Date('2300-01-01'), noInvalidDate: true }),
    fc.string({ unit: 'grapheme' }),
    fc.nat(),
  )
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 3 }), (cells) => {
      const rows = cells.map(([at, text, count]): Cell[] => [at.toISOString(), text, count])
      const answer = { columns: ['bucket', 'host', 'count'], rows }
      assert.deepEqual(codec.decode(codec.encode(answer)), answer)
    }),
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const decoded = codec.decode(JSON.stringify(value))
      if (decoded) assert.deepEqual(JSON.parse(codec.encode(decoded)), value)
    }),
  )
  for (const rows of [
    [['0', 'h', 1]],
    [['2026-01-05', 'h', 1]],
    [[{}, 'h', 1]],
    [['2026-01-05T10:00:00.000Z', 'h']],
    {},
  ])
    assert.equal(codec.decode(JSON.stringify(rows)), undefined)
  const row = ['2026-01-05T10:00:00.000Z', 'h', 1]
  assert.equal(codec.decode(JSON.stringify([row, row, row, row])), undefined)
})

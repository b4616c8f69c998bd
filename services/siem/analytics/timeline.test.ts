import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuestion } from './question.ts'
import { filled } from './timeline.ts'

const span = { from: '2026-01-05T10:30:00Z', to: '2026-01-05T13:00:00Z', groupBy: [{ bucket: '1h' }], fill: true }
const at = (hour: number) => `2026-01-05T${hour}:00:00.000Z`

test('every bucket of the span stands in the answer: 0 where nothing is counted, null where nothing is computed', () => {
  const question = parseQuestion(span, 'acme', 100)
  assert.deepEqual(filled({ columns: ['bucket', 'count'], rows: [[at(11), 7]] }, question).rows, [
    [at(10), 0],
    [at(11), 7],
    [at(12), 0],
  ])
  const size = parseQuestion({ ...span, aggregate: { quantiles: ['p50', 'p99'], of: 'size' } }, 'acme', 100)
  assert.deepEqual(filled({ columns: ['bucket', 'p50', 'p99'], rows: [] }, size).rows[0], [at(10), null, null])
})

test('a span that has more buckets than the answer may have rows is refused', () => {
  const refused = (body: object) => assert.throws(() => parseQuestion({ ...span, ...body }, 'acme', 100), /fill needs/)
  refused({ groupBy: [{ bucket: '1s' }] })
  refused({ from: undefined })
  refused({ groupBy: [{ bucket: '1h' }, 'host'] })
  refused({ groupBy: ['host'] })
})

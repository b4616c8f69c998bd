import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { partitionAt } from '../../common/hot-tier/schema.ts'
import { type BlockLimits, blockToken, cut, cutAt } from './block.ts'
import { eventBytesOf, rowsOf, type WaitingRecord } from './record.ts'

const day = 86_400_000
const limits: BlockLimits = { maxRows: 10, maxBytes: 1_000, partitionBy: 'day' }

interface Shape {
  readonly rows: number
  readonly bytes: number
  readonly day: number
}
const events = ({ rows, bytes, day: days }: Shape, offset: number): WaitingRecord => ({
  kind: 'events',
  offset: BigInt(offset),
  takenAt: 0,
  since: 0,
  tenant: 't',
  batch: 'b',
  arrival: days * day,
  lines: Array.from({ length: rows }, (_, i) => i),
  bytes: Buffer.alloc(bytes),
  offsets: new Uint32Array(rows + 1),
  value: Buffer.from(`${offset}`),
})
const unreadable = (offset: number): WaitingRecord => ({
  kind: 'unreadable',
  offset: BigInt(offset),
  takenAt: 0,
  reason: 'CORRUPT',
  length: 3,
  value: Buffer.from('bad'),
})
const of = (...shapes: Partial<Shape>[]) =>
  shapes.map((shape, i) => events({ rows: 1, bytes: 10, day: 1, ...shape }, i))

test('a block is full at the rows, at the bytes, and where the day of arrival changes; else it waits', () => {
  assert.deepEqual(cut([], limits), { count: 0, full: false })
  assert.deepEqual(cut(of({}, {}), limits), { count: 2, full: false })
  assert.deepEqual(cut(of({ rows: 4 }, { rows: 6 }, {}), limits), { count: 2, full: true })
  assert.deepEqual(cut(of({ rows: 4 }, { rows: 7 }), limits), { count: 1, full: true })
  assert.deepEqual(cut(of({ bytes: 600 }, { bytes: 600 }), limits), { count: 1, full: true })
  assert.deepEqual(cut(of({}, { day: 2 }, {}), limits), { count: 1, full: true })
  assert.deepEqual(cut([unreadable(0), ...of({}).map((r) => ({ ...r, offset: 1n }))], limits), {
    count: 2,
    full: false,
  })
})

test('a record beyond the limits is a block of its own', () => {
  assert.deepEqual(cut(of({ rows: 99 }, {}), limits), { count: 1, full: true })
  assert.deepEqual(cut(of({}, { bytes: 5_000 }, {}), limits), { count: 1, full: true })
})

test('law: blocks cover all records in order, within the limits, each in one partition of the table', () => {
  const shape = fc.record({
    rows: fc.nat({ max: 15 }),
    bytes: fc.nat({ max: 1_500 }),
    day: fc.integer({ min: 1, max: 2 }),
  })
  fc.assert(
    fc.property(fc.array(fc.option(shape), { maxLength: 40 }), (shapes) => {
      const records = shapes.map((one, i) => (one === null ? unreadable(i) : events(one, i)))
      for (let left: readonly WaitingRecord[] = records; left.length > 0; ) {
        const { count } = cut(left, limits)
        const block = left.slice(0, count)
        assert.ok(count > 0)
        const sum = (of_: (record: WaitingRecord) => number) => block.reduce((total, record) => total + of_(record), 0)
        if (count > 1) assert.ok(sum(rowsOf) <= limits.maxRows && sum(eventBytesOf) <= limits.maxBytes)
        const days = block.flatMap((record) => (record.kind === 'events' ? [partitionAt(record.arrival, limits)] : []))
        assert.ok(new Set(days).size <= 1)
        left = left.slice(count)
      }
    }),
  )
})

test('a begun block ends where it was to end, whatever the limits, also when offsets are missing', () => {
  const records = of({ rows: 99 }, { rows: 99 }, { day: 2 })
  assert.deepEqual(cutAt(records, 2n), { count: 2, full: true })
  assert.deepEqual(cutAt(records, 3n), { count: 3, full: true })
  assert.deepEqual(cutAt(records, 5n), { count: 3, full: false })
  assert.deepEqual(cutAt(records.slice(2), 2n), { count: 0, full: true })
})

test('a token names the offsets, and tells a topic that was made anew from the old one', () => {
  const records = of({}, {})
  const token = blockToken('events.raw', 3, { from: 0n, to: 2n, records, version: 0 })
  assert.match(token, /^events\.raw:3:0-2\/[0-9a-f]{8}$/)
  assert.equal(blockToken('events.raw', 3, { from: 0n, to: 2n, records: [...records], version: 4 }), token)
  const other = [records[0]!, { ...records[1]!, value: Buffer.from('other') }]
  assert.notEqual(blockToken('events.raw', 3, { from: 0n, to: 2n, records: other, version: 0 }), token)
})

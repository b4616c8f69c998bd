import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { largestInsert } from '../../../policies/model/storage.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { latest } from '../../common/events/time.ts'
import { columns } from '../../common/hot-tier/schema.ts'
import { unknownEvent } from '../../common/ocsf/event.ts'
import { type EventRecord, readRecord } from './record.ts'
import { blockRows, columnOrder } from './rows.ts'
import { readRows } from './testing/native.ts'

const maxBytes = 2 ** 20
const arrivals = fc.oneof(fc.integer({ min: 0, max: latest }), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, latest))
const batches = fc.record({
  tenant: fc.string({ unit: 'grapheme' }),
  batch: fc.string({ unit: 'grapheme', maxLength: 200 }),
  arrival: arrivals,
  lines: fc
    .uniqueArray(fc.oneof(fc.nat({ max: 50 }), fc.constant(0xffff_ffff)), { maxLength: 10 })
    .map((lines) => lines.sort((a, b) => a - b)),
  size: fc.nat({ max: 40_000 }),
})

test('law: what is kept of a block is in its rows, in order, to the byte', async () => {
  assert.deepEqual(columnOrder, Object.keys(columns))
  await fc.assert(
    fc.asyncProperty(fc.array(batches, { maxLength: 4 }), async (given) => {
      const records = given.map(({ size, ...batch }, i) => {
        const events = batch.lines.map((line) =>
          Buffer.from(JSON.stringify({ host: `h${line}`, code: line, text: 'ü'.repeat(size % (line + 2)) })),
        )
        const value = encodeRecord({ ...batch, events })
        return readRecord({ offset: BigInt(i), key: null, value, timestamp: 0 }, maxBytes, 0) as EventRecord
      })
      // Every other event is a duplicate.
      const kept = records.map((record) => ({ record, keep: record.lines.map((_, i) => i).filter((i) => i % 2 === 0) }))
      const rows = readRows(await blockRows(kept))
      const expected = given.flatMap(({ tenant, batch, arrival, lines, size }) =>
        lines
          .filter((_, i) => i % 2 === 0)
          .map((line) => ({
            tenant,
            arrival,
            time: arrival,
            batch,
            line,
            channel: '',
            code: String(line),
            provider: '',
            host: `h${line}`,
            ...unknownEvent(),
            raw: JSON.stringify({ host: `h${line}`, code: line, text: 'ü'.repeat(size % (line + 2)) }),
          })),
      )
      assert.deepEqual(rows, expected)
    }),
  )
})

test('a block that is all columns, under the longest names, is no larger than what the hot tier takes', async () => {
  // Each value but once: dictionaries do not help.
  const events = Array.from({ length: 1_000 }, (_, i) => {
    const text = String(i).padStart(150, 'c')
    return Buffer.from(JSON.stringify({ Channel: text, EventID: text, SourceName: text, Hostname: text }))
  })
  const batch = { tenant: 't'.repeat(63), batch: 'b'.repeat(128), arrival: latest, lines: events.map((_, i) => i) }
  const value = encodeRecord({ ...batch, events })
  const record = readRecord({ offset: 0n, key: null, value, timestamp: 0 }, maxBytes, 0) as EventRecord
  const kept = [{ record, keep: batch.lines }]
  const sent = (await blockRows(kept)).length
  const raw = events.length * events[0]!.length
  const bound = largestInsert({ maxRows: events.length, maxBytes: `${raw / 1_024}Ki`, maxDelay: '1s' })
  assert.ok(sent > 2 * raw, 'twice the events would not have been enough')
  assert.ok(sent <= bound, `${sent} of ${bound}`)
})

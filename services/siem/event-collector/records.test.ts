import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import { decodeRecord } from '../../common/codec/record.ts'
import { partitionOf, slotOf } from '../../common/sharding/slot.ts'
import { deadLetterRecords, keptBytes } from './dead-letters.ts'
import { eventRecords } from './records.ts'

const identity = { tenant: 'acme', batch: 'b', arrival: 5 }
const most = maxValueBytes('events.raw')

test('law: all events of a request are in its records, in order, in the tenant’s partition, none too long', () => {
  const noise = randomBytes(300_000)
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 256 * 1_024 }), { maxLength: 30 }), (sizes) => {
      const lines = sizes.map((size, line) => ({ line: line * 2, bytes: noise.subarray(0, size) }))
      const records = eventRecords(lines, identity, { place: slotOf('acme'), partitions: 8 })
      const back = records.flatMap(({ value, partition, key }) => {
        assert.ok(value.length <= most)
        assert.equal(partition, partitionOf(slotOf('acme'), 8))
        assert.equal(key?.readUInt32BE(), slotOf('acme'))
        const { lines, events, ...rest } = decodeRecord(value, most)
        assert.deepEqual(rest, identity)
        return lines.map((line, i) => ({ line, bytes: events[i]! }))
      })
      assert.deepEqual(back, lines)
    }),
    { numRuns: 10 },
  )
})

test('law: of a split tenant each event is in the records of its slot, once, in order, none too long', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 200_000 })), { maxLength: 30 }), (given) => {
      const lines = given.map(([part, size], line) => ({ line, bytes: Buffer.alloc(size + 1, part) }))
      const place = (event: Buffer) => 4_096 + event[0]!
      const found = eventRecords(lines, identity, { place, partitions: 3 }).map(({ key, partition, value }) => {
        assert.ok(value.length <= most)
        const slot = key!.readUInt32BE()
        assert.equal(partition, slot % 3)
        const { lines, events } = decodeRecord(value, most)
        assert.ok(events.every((event) => place(event) === slot))
        return { slot, lines }
      })
      for (const slot of [4_096, 4_097, 4_098, 4_099])
        assert.deepEqual(
          found.filter((record) => record.slot === slot).flatMap((record) => record.lines),
          lines.filter(({ bytes }) => place(bytes) === slot).map(({ line }) => line),
        )
    }),
    { numRuns: 50 },
  )
})

test('dead letters keep the reason, the line and the first bytes; many become several records', () => {
  const bytes = Buffer.alloc(20_000, 0xff)
  const rejected = Array.from({ length: 300 }, (_, line) => ({ line, bytes, reason: 'INVALID_UTF8' as const }))
  const records = deadLetterRecords(rejected, identity)
  assert.ok(records.length > 1)
  const letters = records.flatMap(({ value, topic, partition }) => {
    assert.ok(value.length <= maxValueBytes('events.dead-letter'))
    assert.deepEqual([topic, partition], ['events.dead-letter', 0])
    const { letters, ...head } = JSON.parse(value.toString())
    assert.deepEqual(head, { version: 1, ...identity })
    return letters
  })
  assert.equal(letters.length, 300)
  assert.deepEqual(
    { ...letters[7], bytes: Buffer.from(letters[7].bytes, 'base64') },
    { line: 7, reason: 'INVALID_UTF8', length: 20_000, bytes: bytes.subarray(0, keptBytes) },
  )
  assert.deepEqual(deadLetterRecords([], identity), [])
})

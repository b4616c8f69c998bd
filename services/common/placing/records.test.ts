import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxValueBytes } from '../bus/outbox.ts'
import { decodeRecord } from '../codec/record.ts'
import { sinceOfKey, slotOfKey } from '../sharding/place-key.ts'
import { partitionOf, slotOf } from '../sharding/slot.ts'
import { eventRecords } from './records.ts'

const identity = { tenant: 'acme', batch: 'b', arrival: 5 }
const most = maxValueBytes('events.raw')

test('law: all events of a request are in its records, in order, in the tenant’s partition, none too long', () => {
  const noise = randomBytes(300_000)
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 256 * 1_024 }), { maxLength: 30 }), (sizes) => {
      const lines = sizes.map((size, line) => ({ line: line * 2, bytes: noise.subarray(0, size) }))
      const records = eventRecords(lines, identity, { place: slotOf('acme'), since: 0, partitions: 8 })
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
      const found = eventRecords(lines, identity, { place, since: 0, partitions: 3 }).map(
        ({ key, partition, value }) => {
          assert.ok(value.length <= most)
          const slot = key!.readUInt32BE()
          assert.equal(partition, slot % 3)
          const { lines, events } = decodeRecord(value, most)
          assert.ok(events.every((event) => place(event) === slot))
          return { slot, lines }
        },
      )
      for (const slot of [4_096, 4_097, 4_098, 4_099])
        assert.deepEqual(
          found.filter((record) => record.slot === slot).flatMap((record) => record.lines),
          lines.filter(({ bytes }) => place(bytes) === slot).map(({ line }) => line),
        )
    }),
    { numRuns: 50 },
  )
})

test('the key says since when the tenant has that place, and whether the record has been in another', () => {
  const keys = [0, 7].flatMap((since) =>
    [false, true].map(
      (again) =>
        eventRecords([{ line: 0, bytes: Buffer.from('{}') }], identity, {
          place: 4_100,
          since,
          partitions: 8,
          again,
        })[0]!.key,
    ),
  )
  assert.deepEqual(keys.map(slotOfKey), [4_100, undefined, 4_100, undefined])
  assert.deepEqual(keys.map(sinceOfKey), [0, 0, 7, 7])
  for (const key of [null, Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(12)])
    assert.deepEqual([slotOfKey(key), sinceOfKey(key)], [undefined, 0])
})

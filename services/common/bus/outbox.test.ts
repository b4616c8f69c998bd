import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { OutgoingRecord, Removal } from './bus.ts'
import { encodeBatch } from './kafka/wire/records.ts'
import { maxValueBytes, Outbox, type Parcel } from './outbox.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

const record = (partition: number, size: number): OutgoingRecord => ({
  topic: 'events.raw',
  partition,
  key: Buffer.alloc(4),
  value: Buffer.alloc(size),
  ...(size % 2 === 1 ? { traceparent } : {}),
})

function parcel(left: number, deadline = Number.POSITIVE_INFINITY): Parcel & { outcomes: (Error | undefined)[] } {
  const outcomes: (Error | undefined)[] = []
  return { left, deadline, settle: (error) => outcomes.push(error), outcomes }
}

test('every record leaves once, in order per partition, and no partition exceeds what its topic takes', () => {
  const sizes = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: maxValueBytes('events.raw') }))
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 40 }), (given) => {
      const outbox = new Outbox(3 * 2 ** 20)
      const records = given.map(([partition, size]) => record(partition, size))
      for (const one of records) outbox.add([one], parcel(1))
      const left: (OutgoingRecord | Removal)[] = []
      while (outbox.records > 0) {
        const round = outbox.next(0)
        assert.ok(round.waiting.length > 0)
        for (const group of Map.groupBy(round.waiting, ({ record }) => record.partition).values())
          assert.ok(
            encodeBatch(
              group.map(({ record }) => record),
              1,
              { producerId: 1n, epoch: 0, first: 0 },
            ).length <=
              2 ** 20,
          )
        left.push(...round.waiting.map(({ record }) => record))
        outbox.done(round)
      }
      assert.equal(outbox.bytes, 0)
      const byPartition = (list: readonly (OutgoingRecord | Removal)[]) =>
        [0, 1, 2, 3, 4, 5].map((p) => list.filter((r) => r.partition === p))
      assert.deepEqual(byPartition(left), byPartition(records))
    }),
    { numRuns: 50 },
  )
})

test('a call is settled with its last record, and at once when one fails', () => {
  const outbox = new Outbox(1)
  const whole = parcel(2)
  outbox.add([record(0, 10), record(1, 10)], whole)
  const first = outbox.next(0)
  assert.equal(first.waiting.length, 1)
  outbox.done(first)
  assert.deepEqual(whole.outcomes, [])
  const second = outbox.next(0)
  outbox.done(second)
  assert.deepEqual(whole.outcomes, [undefined])
  const failing = parcel(2)
  outbox.add([record(0, 10), record(1, 10)], failing)
  outbox.done(outbox.next(0), new Error('no'))
  assert.equal(failing.outcomes[0]?.message, 'no')
})

test('what nobody waits for any more is not sent', () => {
  const outbox = new Outbox(100)
  outbox.add([record(0, 10)], parcel(1, 5))
  assert.deepEqual(outbox.next(5).waiting, [])
  assert.deepEqual([outbox.records, outbox.bytes], [0, 0])
})

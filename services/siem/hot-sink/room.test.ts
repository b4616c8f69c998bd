import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayRead } from './room.ts'

const limits = { partition: 10, total: 25 }
const holding = (partition: number, held: number, incomplete = false) => ({ partition, held, incomplete })

test('a full partition waits alone; when all the room is taken, all wait', () => {
  assert.deepEqual([...mayRead([holding(0, 10), holding(1, 3)], limits)], [1])
  assert.deepEqual([...mayRead([holding(0, 9), holding(1, 9), holding(2, 9)], limits)], [])
})

test('an incomplete block goes on beyond the partition’s share, and one beyond all the room', () => {
  assert.deepEqual([...mayRead([holding(0, 12, true), holding(1, 3)], limits)], [0, 1])
  assert.deepEqual([...mayRead([holding(4, 12, true), holding(2, 14, true), holding(1, 0)], limits)], [2])
})

test('law: while a block is incomplete, somebody may read; beyond the room, never more than one', () => {
  const one = fc.record({ held: fc.nat({ max: 20 }), incomplete: fc.boolean() })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 10 }), (given) => {
      const holdings = given.map((h, partition) => ({ ...h, partition }))
      const allowed = mayRead(holdings, limits)
      if (holdings.some(({ incomplete }) => incomplete)) assert.ok(allowed.size > 0)
      if (holdings.reduce((sum, { held }) => sum + held, 0) >= limits.total) assert.ok(allowed.size <= 1)
    }),
  )
})

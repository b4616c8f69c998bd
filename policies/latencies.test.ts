import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { policies } from './bundle.ts'
import { changed } from './checks/testing/change.ts'
import { latencyBounds } from './latencies.ts'

test('bounds go from a millisecond to the longest call, in steps that a candidate may be slower', () => {
  const bounds = latencyBounds(policies)
  assert.deepEqual(bounds.slice(0, 12), [1, 2, 3, 4, 6, 8, 11, 14, 18, 23, 29, 37])
  assert.ok(bounds.at(-1)! >= 2_000 && bounds.at(-2)! < 2_000, bounds.join(' '))
})

test('whatever is allowed, bounds are whole, grow, and are far enough apart for it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 3, noNaN: true }), (increase) => {
      const bounds = latencyBounds(changed({ 'traffic.canary.judged.maxLatencyIncrease': increase }))
      assert.ok(bounds.length < 400)
      for (const [i, bound] of bounds.entries()) {
        assert.ok(Number.isInteger(bound))
        if (i > 0) assert.ok(bound >= bounds[i - 1]! + 1 && bound >= (1 + increase) * (bounds[i - 1]! + 1) - 1)
      }
    }),
  )
})

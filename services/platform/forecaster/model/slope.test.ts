import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Series } from './series.ts'
import { moments, slopeOf } from './slope.ts'

const seriesOf = (values: readonly number[]): Series => {
  const series = new Series(values.length)
  for (const value of values) series.push(value)
  return series
}

test('law: of a straight line it is the line, wherever it lies', () => {
  const small = fc.integer({ min: -1_000, max: 1_000 })
  fc.assert(
    fc.property(small, small, fc.integer({ min: 2, max: 30 }), (level, rise, length) => {
      const found = slopeOf(seriesOf(Array.from({ length }, (_, i) => level + rise * i)), length - 1, length)
      assert.ok(found && Math.abs(found.rise - rise) < 1e-6)
      assert.ok(Math.abs(found.end - (level + rise * (length - 1))) < 1e-6)
    }),
  )
})

test('of a step in the middle it is what least squares say, and of a gap nothing', () => {
  assert.deepEqual(slopeOf(seriesOf([0, 0, 1, 1]), 3, 4), { rise: 0.4, end: 1.1 })
  assert.equal(moments(4), 1.5 ** 2 + 0.5 ** 2 + 0.5 ** 2 + 1.5 ** 2)
  assert.equal(slopeOf(seriesOf([1, Number.NaN, 1, 1]), 3, 4), undefined)
  assert.equal(slopeOf(seriesOf([1, 2]), 1, 3), undefined, 'before the first')
})

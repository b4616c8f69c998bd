import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seeded } from '../../../services/common/testing/random.ts'
import { Schedule } from './schedule.ts'
import { bursts, constant, diurnal, readTrace, trace } from './shape.ts'
import { weightedIndex, zipfWeights } from './weighted.ts'

const times = (schedule: Schedule, looks: readonly number[]): number[] => {
  const all: number[] = []
  for (const look of looks) schedule.until(look, (due) => all.push(due))
  return all
}

test('what is due does not depend on when one looks', () => {
  const looks = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 20 })
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 5_000 }), (some, rate) => {
      const make = () => new Schedule(rate, 2, bursts(0.5, 0.1, 4))
      const sorted = [...some].sort((a, b) => a - b)
      assert.deepEqual(times(make(), [...sorted, 2]), times(make(), [2]))
    }),
  )
})

test('due times rise, lie within the run, and are as many as the rate says', () => {
  const due = times(new Schedule(1_000, 3, constant), [10])
  assert.ok(Math.abs(due.length - 3_000) <= 1, String(due.length))
  assert.ok(due.every((at, i) => at > (due[i - 1] ?? 0) && at <= 3))
  const burst = times(new Schedule(1_000, 2, bursts(1, 0.25, 5)), [2])
  assert.ok(Math.abs(burst.length - 4_000) <= 2, String(burst.length))
})

test('a day goes from its trough to its peak and back', () => {
  const day = diurnal(100, 0.2)
  assert.ok(Math.abs(day(0) - 0.2) < 1e-9 && Math.abs(day(50) - 1) < 1e-9 && Math.abs(day(100) - 0.2) < 1e-9)
})

test('a trace is read from its last column, scaled to its peak, and repeated', () => {
  const shape = trace(readTrace('minute,requests\n0,10\n1,40\n2,20\n'), 60)
  assert.deepEqual([0, 59, 60, 130, 185].map(shape), [0.25, 0.25, 1, 0.5, 0.25])
  assert.throws(() => readTrace('minute,requests\n0,10\n1,many\n'), /Line 3 of the trace ends with 'many'/)
})

test("draws follow the weights, and Zipf's tenants their rank", () => {
  const weights = zipfWeights(5, 1)
  const draw = weightedIndex(weights, seeded(7))
  const counts = [0, 0, 0, 0, 0]
  const draws = 200_000
  for (let i = 0; i < draws; i++) counts[draw()]!++
  const total = weights.reduce((a, b) => a + b)
  for (const [i, count] of counts.entries()) {
    const p = weights[i]! / total
    // Six standard deviations of a binomial: the seed is fixed, so this either always holds or never.
    assert.ok(Math.abs(count - draws * p) < 6 * Math.sqrt(draws * p * (1 - p)), `${i}: ${count}`)
  }
  assert.throws(() => weightedIndex([0, 0], Math.random), RangeError)
})

test('the same seed gives the same stream, another seed another', () => {
  const take = (seed: number) => Array.from({ length: 5 }, seeded(seed))
  assert.deepEqual(take(1), take(1))
  assert.notDeepEqual(take(1), take(2))
})

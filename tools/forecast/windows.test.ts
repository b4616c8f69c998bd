import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { scaledTo } from '../simulate/load.ts'
import { planOf } from '../simulate/plan.ts'
import { simulate } from '../simulate/simulate.ts'
import { closed, compare, summed, windowsOf } from './windows.ts'

const plan = planOf(policies, 'ml_inference')
const waves = Float64Array.from({ length: 2 * 1_440 }, (_, i) => 5 + 4 * Math.sin(i / 40))

test('windows of a length slide by the step and end with the trace', () => {
  const trace = { perSecond: Float64Array.from({ length: 5 * 1_440 }, (_, i) => i) }
  const windows = windowsOf(trace, 2, 1.5)
  assert.deepEqual(
    windows.map(({ from, days }) => [from, days]),
    [
      [0, 2],
      [1.5, 2],
      [3, 2],
    ],
  )
  assert.deepEqual(
    windows.map(({ perSecond }) => perSecond[0]),
    [0, 2_160, 4_320],
  )
  assert.deepEqual(
    windowsOf(trace, 7, 1).map(({ days }) => days),
    [5],
    'a shorter trace is its only window',
  )
})

test('one replay tells of every capacity what a replay of its own tells', () => {
  const [low, high] = compare({ perSecond: waves }, plan, { peak: 9_500, startups: [90], capacities: [1_100, 1_250] })
  for (const one of [low!, high!])
    for (const mode of ['reactive', 'predictive', 'oracle'] as const) {
      const { figures } = simulate(scaledTo(9_500, { perSecond: waves }), plan, { mode, ...one })
      assert.deepEqual([one.overload[mode], one.podHours[mode]], [figures.overload_minutes, figures.pod_hours])
    }
  assert.ok(low!.overload.reactive > high!.overload.reactive)
})

test('the share closed is of what the oracle saves, and sums are of windows', () => {
  const one = {
    startup: 90,
    capacity: 1_100,
    overload: { reactive: 12, predictive: 4, oracle: 2 },
    podHours: { reactive: 1, predictive: 2, oracle: 3 },
  }
  assert.equal(closed(one), 0.8)
  assert.equal(closed({ ...one, overload: { reactive: 2, predictive: 2, oracle: 2 } }), undefined)
  assert.deepEqual(
    summed([one, one, { ...one, startup: 300 }]).map(({ startup, overload }) => [startup, overload.predictive]),
    [
      [90, 8],
      [300, 4],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../policies/bundle.ts'
import { scaledTo } from '../simulate/load.ts'
import { planOf } from '../simulate/plan.ts'
import { simulate } from '../simulate/simulate.ts'
import { type Kind, kindNames, made } from './made.ts'
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

test('what is made is the same for the same seed, as long as asked, and never below zero', () => {
  for (const kind of kindNames) {
    const { perSecond } = made(kind, 3, 2)
    assert.equal(perSecond.length, 2 * 1_440)
    assert.ok(perSecond.every((rate) => rate >= 0 && Number.isFinite(rate)))
    assert.deepEqual(made(kind, 3, 2).perSecond, perSecond)
  }
})

const judged = (kind: Kind, days: number) =>
  compare(made(kind, 1, days), plan, { peak: 9_500, startups: [90], capacities: [1_100] })[0]!

test('on days with events, from the first of them on, most of the overload that foresight saves is saved within the budget', () => {
  const one = judged('slow-events', 6)
  assert.ok(closed(one)! > 0.75, `${closed(one)}`)
  assert.ok(one.podHours.predictive <= 1.02 * one.podHours.reactive)
})

test('on noise, a sawtooth and steps, nothing is worse than without a forecast by more than a hundredth', () => {
  for (const kind of ['noise', 'sawtooth', 'steps'] as const) {
    const { overload, podHours } = judged(kind, 2)
    assert.ok(overload.predictive <= 1.01 * overload.reactive, kind)
    assert.ok(podHours.predictive <= 1.01 * podHours.reactive, kind)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate } from './gate.ts'

const shadow = { target: 100, tolerance: 0.1, min: 2, max: 10, startup: 3, stabilisation: 1 }
const limits = { budget: 0.1, trial: 0.05, proven: 0.5, useful: 0.2, aim: 1, spread: 1 }

/** Two pods' load that jumps to three pods' for ten steps of fifty. */
const load = (step: number) => (step % 50 >= 40 ? 290 : 150)

const judge = (wanted: (step: number) => number, steps = 4_000) => {
  const gate = new Gate([0.1], shadow, 700, limits)
  let verdict = gate.observe(load(0), [0], true)
  for (let step = 1; step < steps; step++) verdict = gate.observe(load(step), [wanted(step)], true)
  return verdict
}

test('a forecast that sees the jump in time is served', () => {
  const { level, prevented, extra, state } = judge((step) => (load(step + 3) > 220 ? 3 : 0))
  assert.deepEqual([level, state], [0, 'open'])
  assert.ok(prevented > 0.9, `${prevented}`)
  assert.ok(extra > 0 && extra < 0.1, `${extra}`)
})

test('one that asks for a pod too late prevents nothing, and is not', () => {
  const { level, reason, state } = judge((step) => (load(step - 8) > 220 ? 3 : 0))
  assert.equal(level, undefined)
  assert.match(reason, /prevented|added/)
  assert.ok(state === 'useless' || state === 'costly')
})

test('one that always wants a pod more costs more than it may, and is not', () => {
  const { level, extra } = judge(() => 3)
  assert.equal(level, undefined)
  assert.ok(extra < 0.12, `${extra}`)
})

test('of what prevents enough, the lowest is served; a higher one is not paid for', () => {
  const gate = new Gate([0.5, 0.1, 0.01], shadow, 700, { ...limits, aim: 0.8 })
  const sees = (step: number) => (load(step + 3) > 220 ? 3 : 0)
  let level: number | undefined
  for (let step = 0; step < 4_000; step++) level = gate.observe(load(step), [0, sees(step), sees(step)], true).level
  assert.equal(level, 1)
})

test('before there is a past, noisy load is expected: the first level is a low one, and calm days earn higher ones', () => {
  const some = { ...limits, budget: 0.03, aim: 1 }
  const gate = new Gate([0.5, 0.2, 0.05, 0.01], shadow, 1_440, some)
  const first = gate.observe(150, [0, 0, 0, 0], true).level
  let later: number | undefined
  for (let step = 0; step < 3 * 1_440; step++) later = gate.observe(150, [0, 0, 0, 0], true).level
  assert.deepEqual([first, later], [1, 3])
})

test('what is spent stays within the budget, once the days that it may be spent in advance are over', () => {
  const day = 200
  const gate = new Gate([0.5, 0.25], shadow, day, { ...limits, budget: 0.02, trial: 0.02 })
  // Every jump is seen in time, which costs more than the budget.
  const wanted = (step: number) => (load(step + 3) > 220 ? 3 : 0)
  let most = 0
  for (let step = 0; step < 60 * day; step++) {
    const { extra } = gate.observe(load(step), [wanted(step), wanted(step)], true)
    if (step > 6 * day) most = Math.max(most, extra)
  }
  assert.ok(most > 0.01 && most < 0.0215, `${most}`)
})

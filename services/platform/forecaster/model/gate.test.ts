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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backtest } from './bench.ts'

const options = { stepSeconds: 60, horizonSeconds: 420, quantile: 0.9 }

test('a series that rises and falls smoothly is foretold better than by its last value', () => {
  const wave = Array.from({ length: 2_000 }, (_, i) => 500 + 400 * Math.sin(i / 60))
  const { relative, steps, gate_open_share } = backtest(wave, options)
  assert.equal(steps, 2_000)
  assert.ok(relative < 0.7, `${relative}`)
  assert.ok(gate_open_share > 0.5)
})

test('gaps are taken, and nothing is judged of none', () => {
  assert.equal(backtest(new Array(50).fill(Number.NaN), options).gate_open_share, 0)
})

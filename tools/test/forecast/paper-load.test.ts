import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { counterAt, historyOf, promqlOfAll, rateAt, type Stretch, steady, wave } from './paper-load.ts'

const from = 1_790_000_000
const shape = fc.record({
  mean: fc.integer({ min: 100, max: 10_000 }),
  amplitude: fc.integer({ min: 0, max: 99 }),
  period: fc.integer({ min: 60, max: 86_400 }),
  bottom: fc.integer({ min: from - 86_400, max: from + 86_400 }),
})

test('a counter is its rate added up, and goes on where another stretch began', () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 0, max: 86_400 }), fc.integer({ min: 0, max: 5_000 }), (of, after, rate) => {
      const before: Stretch = { ...of, from, base: 0 }
      const at = from + after
      // The mean over a second is the rate in its middle, but for how much it bends.
      const mean = counterAt(before, at + 1) - counterAt(before, at)
      assert.ok(Math.abs(mean - rateAt(before, at + 0.5)) < 0.1, `${mean}`)
      const up = wave(before, at, { lowest: rate, highest: rate + 100, period: of.period })
      assert.ok(Math.abs(counterAt(up, at) - counterAt(before, at)) < 1e-3 && rateAt(up, at) === rate)
      assert.ok(Math.abs(rateAt(up, at + of.period / 2) - rate - 100) < 1e-6)
      const next = steady(before, at, rate)
      assert.ok(Math.abs(counterAt(next, at) - counterAt(before, at)) < 1e-3)
      assert.ok(Math.abs(counterAt(next, at + 60) - counterAt(next, at) - 60 * rate) < 1e-3)
    }),
  )
})

test('a history has a sample for every step, and ends as the format wants', () => {
  const first = steady(undefined, from, 10)
  const text = historyOf('a_total', { job: 'b' }, [first, steady(first, from + 15, 20)], from + 30, 15)
  const lines = [`a_total{job="b"} 0 ${from}`, `a_total{job="b"} 150 ${from + 15}`, `a_total{job="b"} 450 ${from + 30}`]
  assert.equal(text, ['# TYPE a counter', ...lines, '# EOF', ''].join('\n'))
})

test('what comes later counts from its beginning on', () => {
  const of = steady(undefined, from, 10)
  assert.equal(
    promqlOfAll([of, steady(of, from + 60, 5)]),
    `((vector(600 + 5 * (time() - ${from + 60})) and on () vector(time()) >= ${from + 60}) or vector(0 + 10 * (time() - ${from})))`,
  )
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Predictor, trend } from './predictor.ts'
import { Noise, Spread } from './spread.ts'

/** Numbers from -1 to 1, the same each time. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return (2 * state) / 2_147_483_647 - 1
  }
}

const ahead = 4

describe('predictor', () => {
  it('takes the first ramp that it ever sees to go on', () => {
    const predictor = new Predictor(ahead, trend)
    const any = noise(5)
    for (let i = 0; i < 600; i++) predictor.observe(500 + 10 * any())
    const rise = 25
    const load = 500 + 8 * rise
    for (let i = 1; i <= 8; i++) predictor.observe(500 + i * rise + 10 * any())
    const { mean } = predictor.prediction!
    assert.ok(
      mean > load + 0.6 * rise * ahead && mean < load + 1.5 * rise * ahead,
      `${mean} for ${load + rise * ahead}`,
    )
  })

  it('takes no slope of noise to go on', () => {
    const predictor = new Predictor(ahead, trend)
    const any = noise(11)
    let [squares, count] = [0, 0]
    for (let i = 0; i < 1_500; i++) {
      predictor.observe(500 + 10 * any())
      if (i < 300) continue
      squares += (predictor.prediction!.mean - 500) ** 2
      count++
    }
    // The last value is off by 5.8, and a line through the last four minutes by 15.
    assert.ok(Math.sqrt(squares / count) < 5, `${Math.sqrt(squares / count)}`)
  })
})

describe('spread', () => {
  it('grows with the root of the level, and with the lead, as far as errors did', () => {
    const spread = new Spread()
    const any = noise(3)
    const uniform = Math.sqrt(3)
    for (let i = 0; i < 6_000; i++) {
      const moves = i % 10 === 0
      const level = i % 2 === 0 ? 100 : 400
      const error = 2 * Math.sqrt(level) * uniform * any() + (moves ? 0.5 * 200 * uniform * any() : 0)
      spread.learn(error, level, moves ? 200 : 0)
    }
    const near = (found: number, right: number) =>
      assert.ok(Math.abs(found / right - 1) < 0.15, `${found} for ${right}`)
    near(spread.at(100, 0), 20)
    near(spread.at(400, 0), 40)
    near(spread.at(100, 200), Math.hypot(20, 100))
    near(spread.at(100, 400), Math.hypot(20, 200))
  })

  it('is a thousandth of the level at least, so that it finds its way back from a series that stood still', () => {
    assert.ok(Math.abs(new Spread().at(100, 50) - 0.1) < 1e-12)
    const [spread, noise] = [new Spread(), new Noise()]
    for (let i = 0; i < 600; i++) {
      spread.learn(0, 100, 0)
      noise.observe(100, 100)
    }
    // Each counts as four spreads at most, as the predictor has it.
    for (let i = 0; i < 300; i++) {
      spread.learn(Math.min(20, 4 * spread.at(100, 0)), 100, 0)
      noise.observe(i % 2 === 0 ? 80 : 120, 100)
    }
    assert.ok(spread.at(100, 0) > 10, `${spread.at(100, 0)}`)
    assert.ok(Math.sqrt(noise.at(100) * 100) > 10, `${Math.sqrt(noise.at(100) * 100)}`)
  })

  it('is seen through a slope', () => {
    const [flat, steep] = [new Noise(), new Noise()]
    const any = noise(9)
    for (let i = 0; i < 2_000; i++) {
      const off = 10 * any()
      flat.observe(500 + off, 500)
      steep.observe(500 + 7 * i + off, 500)
    }
    assert.ok(Math.abs(flat.at(500) - 100 / 3 / 500) < 0.01, `${flat.at(500)}`)
    assert.ok(Math.abs(steep.at(500) - flat.at(500)) < 1e-9)
  })
})

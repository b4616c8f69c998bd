import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Forecast, Forecaster, type ForecasterOptions } from './forecaster.ts'

const options: ForecasterOptions = {
  stepSeconds: 1_800,
  horizonSeconds: 3_600,
  quantile: 0.95,
  target: 100,
  min: 2,
  max: 10,
  limits: { budget: 0.05, trial: 0.02, proven: 0.3, useful: 0.05, aim: 1, spread: 0.3 },
}
const series = fc.array(fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }), {
  minLength: 1,
  maxLength: 300,
})

function fed(values: readonly (number | undefined)[], some: Partial<ForecasterOptions> = {}): Forecast[] {
  const forecaster = new Forecaster({ ...options, ...some })
  return values.map((value) => {
    forecaster.observe(value)
    return forecaster.forecast()
  })
}

/** Days that rise and fall smoothly, with a little noise of their own: what can be foretold. */
const smooth = (length: number, seed = 7): number[] => {
  let state = seed
  const noise = () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647 - 0.5
  }
  return Array.from({ length }, (_, i) => 500 + 400 * Math.sin((2 * Math.PI * i) / 480) + 6 * noise())
}

const minutes = { stepSeconds: 60, horizonSeconds: 420 }

describe('forecaster', () => {
  it('takes gaps, zeros, NaN, infinities and numbers below zero, and always answers a number', () => {
    const any = fc.oneof(
      fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -5, 1e-300, 1e15, undefined),
      fc.integer({ min: 0, max: 1_000 }),
    )
    fc.assert(
      fc.property(fc.array(any, { maxLength: 300 }), (values) => {
        for (const { value } of fed(values)) assert.ok(Number.isFinite(value) && value >= 0)
      }),
    )
  })

  it('sees the past alone: what comes later changes nothing that was said', () => {
    fc.assert(
      fc.property(series, series, (before, after) => {
        assert.deepEqual(fed([...before, ...after]).slice(0, before.length), fed(before))
      }),
    )
  })

  it('forecasts a series in other units alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8, max: 8 }), fc.integer({ min: 1, max: 1_000 }), (power, seed) => {
        // A power of two scales without rounding.
        const factor = 2 ** power
        const values = smooth(600, seed)
        const plain = fed(values, minutes)
        const scaled = fed(
          values.map((value) => value * factor),
          { ...minutes, target: 100 * factor },
        )
        for (const [i, forecast] of scaled.entries()) {
          assert.equal(forecast.active, plain[i]!.active)
          assert.ok(Math.abs(forecast.value - factor * plain[i]!.value) <= 1e-6 * factor * plain[i]!.value)
        }
      }),
      { numRuns: 10 },
    )
  })

  it('never adds a pod for a series that stays where it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (level) => {
        for (const { active, value } of fed(new Array(300).fill(level), minutes))
          if (active) assert.ok(value <= Math.max(200, Math.ceil(level / 100) * 100), `${value} for ${level}`)
      }),
      { numRuns: 20 },
    )
  })

  it('is on for what can be foretold, and asks for the pods before the load is there', () => {
    const values = smooth(2_400)
    const forecasts = fed(values, minutes)
    const late = forecasts.slice(960)
    assert.ok(late.filter(({ active }) => active).length > 0.8 * late.length)
    for (const { active, gate, value, covered } of late) {
      assert.equal(gate === 'open', active)
      if (active) assert.ok(covered !== undefined && covered <= value * 1.1 + 1e-6)
    }
    // Of the minutes after which the load passes what its pods carry, the share that had the next pod asked for in time.
    let [steps, foreseen] = [0, 0]
    for (let i = 960; i + 7 < values.length; i++) {
      const need = Math.ceil(values[i + 7]! / 110)
      if (need <= Math.ceil(values[i]! / 110)) continue
      steps++
      const { active, value } = forecasts[i]!
      if (active && value / 100 >= need) foreseen++
    }
    assert.ok(steps > 20 && foreseen > 0.8 * steps, `${foreseen} of ${steps}`)
  })

  it('learns again from what moves after hours in which nothing did', () => {
    const still = 600
    const forecasts = fed([...new Array<number>(still).fill(500), ...smooth(2_400)], minutes)
    const late = forecasts.slice(still + 960)
    const share = late.filter(({ active }) => active).length / late.length
    assert.ok(share > 0.8, `${share}: ${late.at(-1)!.reason}`)
  })

  it('is off for noise, and says why', () => {
    let state = 3
    const values = Array.from({ length: 600 }, () => {
      state = (state * 16_807) % 2_147_483_647
      return state % 1_000
    })
    const forecasts = fed(values, minutes)
    for (const { active, value } of forecasts.slice(60)) assert.ok(!active, `${value}`)
    assert.match(forecasts.at(-1)!.reason, /^Its errors spread over \d+ % of the load/)
    assert.equal(forecasts.at(-1)!.gate, 'wide')
  })

  it('says nothing while it has no history, and after a step without a value', () => {
    const [young, silent] = [fed([5]), fed([...smooth(600), undefined], minutes)].map((all) => all.at(-1)!)
    assert.deepEqual([young!.gate, young!.reason], ['young', 'There is not enough history yet.'])
    assert.deepEqual([silent!.gate, silent!.active], ['silent', false])
  })

  it('without a target serves the quantile itself, and reports its loss beside that of the last value', () => {
    const forecaster = new Forecaster({ ...minutes, quantile: 0.9, limits: options.limits! })
    const values = smooth(1_200)
    let below = 0
    let judged = 0
    for (const [i, value] of values.entries()) {
      forecaster.observe(value)
      const forecast = forecaster.forecast()
      if (i < 400 || !forecast.active || i + 7 >= values.length) continue
      judged++
      if (values[i + 7]! <= forecast.value) below++
    }
    const { loss } = forecaster.forecast()
    assert.ok(loss.best < loss.persistence)
    assert.ok(judged > 600 && Math.abs(below / judged - 0.9) < 0.06, `${below} of ${judged}`)
  })

  it('refuses what makes no sense', () => {
    for (const [some, says] of [
      [{ stepSeconds: 0 }, /stepSeconds \(0\)/],
      [{ horizonSeconds: Number.NaN }, /horizonSeconds/],
      [{ quantile: 1 }, /quantile \(1\)/],
      [{ target: -1 }, /target/],
      [{ min: 3, max: 2 }, /max \(2\)/],
    ] as const)
      assert.throws(() => new Forecaster({ ...options, ...some }), says)
  })
})

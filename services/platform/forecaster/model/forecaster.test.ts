import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Forecaster } from './forecaster.ts'

const options = { stepSeconds: 600, horizonSeconds: 1_800, quantile: 0.9 }
const series = fc.array(fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }), {
  minLength: 1,
  maxLength: 500,
})

function fed(values: readonly (number | undefined)[]): Forecaster {
  const forecaster = new Forecaster(options)
  for (const value of values) forecaster.observe(value)
  return forecaster
}

describe('forecaster', () => {
  it('takes gaps and zeros, and always answers a number', () => {
    fc.assert(
      fc.property(series, (values) => {
        const { value } = fed(values).forecast()
        return Number.isFinite(value) && value >= 0
      }),
    )
  })

  it('says that it has no history', () => {
    assert.equal(fed([5]).forecast().active, false)
  })

  it('refuses what is no step, horizon or quantile', () => {
    assert.throws(() => new Forecaster({ ...options, stepSeconds: 0 }), /stepSeconds \(0\)/)
    assert.throws(() => new Forecaster({ ...options, horizonSeconds: Number.NaN }), /horizonSeconds/)
    assert.throws(() => new Forecaster({ ...options, quantile: 1 }), /quantile \(1\)/)
  })
})

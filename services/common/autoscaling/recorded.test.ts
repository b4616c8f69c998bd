import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from './testing/compare.ts'
import { packed, recorded, unpacked } from './testing/recording.ts'

const cases = recorded()

test('the recording has at least 20 cases of traces, and each kind of reason in it', () => {
  assert.ok(cases.filter(({ trace }) => trace).length >= 20)
  const seen = new Set(
    cases.flatMap(({ decisions }) => decisions.flatMap(({ able, active, limited }) => [able, active, limited])),
  )
  const reasons = [
    ...['SucceededGetScale', 'SucceededRescale', 'ReadyForNewScale', 'ScaleUpStabilized', 'ScaleDownStabilized'],
    ...['ValidMetricFound', 'FailedGetExternalMetric', 'FailedGetPodsMetric', 'ScalingDisabled'],
    ...['DesiredWithinRange', 'ScaleUpLimit', 'ScaleDownLimit', 'TooManyReplicas', 'TooFewReplicas'],
  ]
  assert.deepEqual(
    reasons.filter((reason) => !seen.has(reason)),
    [],
  )
})

for (const one of cases)
  test(`as Kubernetes decided: ${one.name}`, () => {
    assert.ok(one.decisions.length === one.steps.length && one.decisions.length > 0)
    assert.deepEqual(compare(one), [])
  })

test('what is packed is unpacked as it was', () => {
  assert.deepEqual(unpacked(packed(cases.slice(0, 2))), cases.slice(0, 2))
})

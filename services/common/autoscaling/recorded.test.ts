import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Autoscaler } from './autoscaler.ts'
import { observation } from './testing/case.ts'
import { packed, recorded, unpacked } from './testing/recording.ts'

const cases = recorded()

test('the recording has at least 20 cases, and each kind of reason in it', () => {
  assert.ok(cases.length >= 20)
  const seen = new Set(cases.flatMap(({ decisions }) => decisions.flatMap(({ able, active, limited }) => [able, active, limited])))
  const reasons = ['SucceededGetScale', 'SucceededRescale', 'ReadyForNewScale', 'ScaleUpStabilized', 'ScaleDownStabilized']
  reasons.push('ValidMetricFound', 'FailedGetExternalMetric', 'FailedGetPodsMetric', 'ScalingDisabled')
  reasons.push('DesiredWithinRange', 'ScaleUpLimit', 'ScaleDownLimit', 'TooManyReplicas', 'TooFewReplicas')
  assert.deepEqual(reasons.filter((reason) => !seen.has(reason)), [])
})

for (const { name, steps, decisions, behavior, tolerance, downscaleStabilization, ...spec } of cases)
  test(`Kubernetes decided the same: ${name}`, () => {
    const autoscaler = new Autoscaler(
      { ...spec, ...(behavior ? { behavior } : {}) },
      { tolerance, downscaleStabilization },
    )
    for (const [i, recordedDecision] of decisions.entries()) {
      const { desired, conditions } = autoscaler.decide(observation(steps[i] ?? { values: [] }, recordedDecision))
      const { desired: wanted, able, active, limited } = recordedDecision
      assert.deepEqual(
        [desired, conditions.AbleToScale, conditions.ScalingActive ?? '', conditions.ScalingLimited ?? ''],
        [wanted, able, active, limited],
        `at ${recordedDecision.at / 1_000} s: ${JSON.stringify([steps[i], recordedDecision])}`,
      )
    }
  })

test('what is packed is unpacked as it was', () => {
  assert.deepEqual(unpacked(packed(cases.slice(0, 2))), cases.slice(0, 2))
})

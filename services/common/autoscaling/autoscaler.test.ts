import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Autoscaler } from './autoscaler.ts'
import type { MetricValue, Observation } from './decision.ts'
import { type AutoscalerSpec, milli } from './spec.ts'

const qps = { name: 'qps', type: 'AverageValue', target: milli(1_000) } as const
const busy = { name: 'utilization', type: 'Value', target: milli(0.8) } as const
const spec = { minReplicas: 2, maxReplicas: 10, metrics: [qps] } satisfies AutoscalerSpec

const see = (at: number, replicas: number, ...values: MetricValue[]): Observation => ({
  at: at * 1_000,
  replicas,
  existing: replicas,
  ready: replicas,
  values,
})

test('an amount is divided among the pods, and ten per cent more or less is nothing', () => {
  for (const [rate, desired, within] of [
    [4_000, 4, true],
    [4_400, 4, true],
    [4_401, 5, false],
    [3_600, 4, true],
    [3_599, 4, false],
    [5_001, 6, false],
  ] as const) {
    const { desired: got, proposals } = new Autoscaler(spec).decide(see(0, 4, milli(rate)))
    assert.deepEqual([got, proposals[0]?.withinTolerance], [desired, within], `${rate}`)
  }
})

test('a level counts against the pods that are ready, an amount against all that exist', () => {
  const both = new Autoscaler({ ...spec, metrics: [busy, qps] })
  const seen = { ...see(0, 6, milli(0.96), milli(6_000)), ready: 4 }
  const { proposals, desired } = both.decide(seen)
  assert.deepEqual(
    proposals.map(({ replicas }) => replicas),
    [5, 6],
  )
  assert.equal(desired, 6)
})

test('a missing metric stops the way down and not the way up; none at all stops both', () => {
  const two = { ...spec, metrics: [busy, qps] }
  const missing = { missing: 'Prometheus does not answer' }
  const up = new Autoscaler(two).decide(see(0, 4, missing, milli(6_000)))
  assert.deepEqual([up.desired, up.conditions.ScalingActive], [6, 'ValidMetricFound'])
  const down = new Autoscaler(two).decide(see(0, 4, missing, milli(2_000)))
  assert.deepEqual(down.outcome, { kind: 'blocked', missing: ['utilization'], wanted: 2 })
  assert.equal(down.desired, 4)
  const none = new Autoscaler(two).decide(see(0, 4, missing, missing))
  assert.deepEqual(none.outcome, { kind: 'blocked', missing: ['utilization', 'qps'], wanted: undefined })
  assert.equal(none.conditions.ScalingActive, 'FailedGetExternalMetric')
})

test('percent policies count from the start of their period, whatever happened in it', () => {
  const hpa = new Autoscaler({
    ...spec,
    behavior: { scaleUp: { policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }] } },
  })
  const steps: number[] = []
  for (const at of [0, 15, 30, 45, 60, 75]) steps.push(hpa.decide(see(at, steps.at(-1) ?? 2, milli(9_500))).desired)
  assert.deepEqual(steps, [3, 3, 3, 3, 5, 5])
  const { outcome } = hpa.decide(see(90, 5, milli(9_500)))
  assert.ok(outcome.kind === 'computed')
  assert.deepEqual(outcome.limited, {
    by: 'ScaleUpLimit',
    from: 10,
    to: 5,
    policy: { type: 'Percent', value: 50, periodSeconds: 60 },
  })
})

test('the highest recommendation of the window holds the count', () => {
  const hpa = new Autoscaler({ ...spec, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } })
  hpa.decide(see(0, 8, milli(8_000)))
  const held = hpa.decide(see(15, 8, milli(3_000)))
  assert.deepEqual([held.desired, held.conditions.AbleToScale], [8, 'ScaleDownStabilized'])
  assert.deepEqual(held.outcome.kind === 'computed' && held.outcome.stabilized, {
    direction: 'down',
    windowSeconds: 60,
    from: 3,
    to: 8,
  })
  hpa.decide(see(30, 8, milli(4_000)))
  assert.equal(hpa.decide(see(60, 8, milli(3_000))).desired, 4, 'exactly a window old is too old')
})

test('of a Pods metric, who is silent counts as at the target downwards and as idle upwards', () => {
  const hpa = () => new Autoscaler({ ...spec, metrics: [{ ...qps, type: 'Pods' }] })
  const pods = (values: number[], silent: number, pending: number) =>
    hpa().decide(see(0, values.length + silent + pending, { values: values.map(milli), silent, pending })).proposals[0]
  assert.equal(pods([400, 400], 0, 0)?.replicas, 1)
  assert.equal(pods([400, 400], 2, 0)?.replicas, 3)
  assert.equal(pods([2_000, 2_000], 1, 1)?.replicas, 4, 'half of four pods carry all: as many as there are')
  assert.equal(pods([3_000, 3_000], 1, 1)?.replicas, 6)
  assert.equal(pods([], 2, 0)?.missing, 'no pod gave a value')
})

const counts = fc.integer({ min: 0, max: 20 })
const rules = fc.record(
  {
    stabilizationWindowSeconds: fc.constantFrom(0, 30, 60, 300),
    selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom('Pods', 'Percent'),
        value: fc.integer({ min: 1, max: 200 }),
        periodSeconds: fc.constantFrom(15, 60, 300),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
)

test('law: within the bounds, never away from what is wanted, and nothing that changes is without a reason', () => {
  fc.assert(
    fc.property(
      fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }),
      fc.boolean(),
      counts,
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 40 }),
      (behavior, old, start, rates) => {
        const hpa = new Autoscaler({ ...spec, ...(old ? {} : { behavior }) })
        let replicas = start
        for (const [i, rate] of rates.entries()) {
          const { desired, outcome, current } = hpa.decide(see(i * 15, replicas, milli(rate)))
          if (outcome.kind === 'computed') {
            assert.ok(desired >= spec.minReplicas && desired <= spec.maxReplicas)
            const explained = outcome.limited?.to ?? outcome.stabilized?.to ?? outcome.proposed
            assert.equal(desired, explained)
            // The old rules may go on towards a higher count that they held back before.
            if (desired > current && !old) assert.ok(desired <= outcome.proposed)
          }
          replicas = desired
        }
      },
    ),
  )
})

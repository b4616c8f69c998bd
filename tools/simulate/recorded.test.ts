import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorded } from '../../services/common/autoscaling/testing/recording.ts'
import { planOfCase } from './oracle/cases.ts'
import { simulate } from './simulate.ts'

for (const { trace, steps, decisions, ...spec } of recorded()) {
  if (!trace) continue
  test(`the simulator goes as Kubernetes went: ${spec.name}`, () => {
    // What the oracle adds stands last.
    const metrics = spec.metrics.slice(0, trace.windows.length)
    const ours: unknown[] = []
    const { figures } = simulate(
      { perSecond: Float64Array.from(trace.perSecond, (rate) => rate ?? Number.NaN) },
      planOfCase({ ...spec, metrics }, trace.windows),
      {
        mode: trace.mode,
        capacity: 1_100,
        startup: spec.startup,
        onDecision: ({ at, current, desired }, { ready, values }) =>
          ours.push({ at, current, ready, desired, values: values.map((v) => (typeof v === 'number' ? v : null)) }),
      },
    )
    const theirs = decisions.map(({ at, current, ready, desired }, i) => ({
      at,
      current,
      ready,
      desired,
      values: steps[i]?.values,
    }))
    assert.deepEqual(ours, theirs)
    assert.equal(figures.scale_events, decisions.filter(({ current, desired }) => current !== desired).length)
    assert.equal(figures.max_replicas, Math.max(...decisions.map(({ desired }) => desired), spec.replicas))
  })
}

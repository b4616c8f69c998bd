import { objectives } from '../../../policies/objectives.ts'
import type { MetricValue } from '../../../services/common/autoscaling/decision.ts'
import type { Case, CaseTrace, Step } from '../../../services/common/autoscaling/testing/case.ts'
import type { Trace } from '../load.ts'
import type { Plan } from '../plan.ts'
import { simulate } from '../simulate.ts'
import { edgeCases } from './edges.ts'
import { type OraclePolicy, oraclePolicies } from './policies.ts'
import { traces } from './traces.ts'
import { walk } from './walks.ts'

/** What the simulator is told of a case of a trace; what a pod answers decides nothing. */
export const planOfCase = (
  { name, metrics, minReplicas, maxReplicas, behavior, startup }: Omit<Case, 'steps' | 'trace'>,
  windows: readonly number[],
): Plan => ({
  policy: name,
  spec: { minReplicas, maxReplicas, metrics, ...(behavior ? { behavior } : {}) },
  windows,
  unknown: [],
  startup,
  scrape: 5,
  quantile: 0.9,
  limits: objectives.scaling.prediction,
  predicts: false,
})

const seen = (value: MetricValue): number | null => (typeof value === 'number' ? value : null)

/** A trace through a policy: the controller sees what the simulator saw. */
function traced(
  name: string,
  { perSecond }: Trace,
  { windows, startup, ...spec }: OraclePolicy,
  mode: CaseTrace['mode'],
): Case {
  const common = {
    name,
    tolerance: 0.1,
    downscaleStabilization: 300,
    minReplicas: spec.minReplicas,
    maxReplicas: spec.maxReplicas,
    behavior: spec.behavior ?? null,
    metrics: spec.metrics,
    replicas: spec.minReplicas,
    startup,
  }
  const steps: Step[] = []
  const metrics = new Set(spec.metrics)
  simulate({ perSecond }, planOfCase(common, windows), {
    mode,
    capacity: 1_100,
    startup,
    onDecision: ({ proposals }, { values }) => {
      for (const { metric } of proposals) metrics.add(metric)
      steps.push({ values: values.map(seen) })
    },
  })
  const rates = Array.from(perSecond, (rate) => (Number.isNaN(rate) ? null : rate))
  return { ...common, metrics: [...metrics], steps, trace: { perSecond: rates, windows, mode } }
}

/** Everything that the controller of Kubernetes is asked. */
export function cases(): Case[] {
  const all = Object.entries(traces())
  return [
    ...all.flatMap(([trace, rates]) =>
      Object.entries(oraclePolicies).map(([policy, spec]) => traced(`${trace}: ${policy}`, rates, spec, 'reactive')),
    ),
    ...all.flatMap(([trace, rates]) =>
      Object.entries(oraclePolicies)
        .slice(0, 1)
        .map(([policy, spec]) => traced(`${trace}: ${policy}, with an oracle`, rates, spec, 'oracle')),
    ),
    ...edgeCases,
    ...Array.from({ length: 40 }, (_, i) => walk(i + 1)),
  ]
}

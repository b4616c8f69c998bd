import type { MetricValue, Observation, PodValues, Proposal } from './decision.ts'
import type { MetricSpec } from './spec.ts'

const most = 2 ** 31 - 1

/** Go's conversion of a ceiling to a count. */
const count = (replicas: number): number => Math.min(Math.ceil(replicas), most)

/** What one metric proposes (pkg/controller/podautoscaler/replica_calculator.go). */
export function propose(metric: MetricSpec, value: MetricValue, seen: Observation, tolerance: number): Proposal {
  if (typeof value === 'object' && 'missing' in value) return none(metric, value.missing)
  const within = (ratio: number): boolean => 1 - tolerance <= ratio && ratio <= 1 + tolerance
  if (typeof value === 'object') return ofPods(metric, value, seen, within)
  switch (metric.type) {
    case 'AverageValue':
      return share(metric, value, seen, within)
    case 'Value':
      return level(metric, value, seen, within)
    case 'Pods':
      return none(metric, 'a Pods metric has a value of each pod')
    default:
      return metric satisfies never
  }
}

type Within = (ratio: number) => boolean

const none = (metric: MetricSpec, missing: string): Proposal => ({ metric, missing, withinTolerance: false })

/** An amount counts against all pods that exist, ready or not. */
function share(metric: MetricSpec, value: number, { existing }: Observation, within: Within): Proposal {
  const ratio = value / (metric.target * existing)
  const withinTolerance = within(ratio)
  return { metric, value, ratio, withinTolerance, replicas: withinTolerance ? existing : count(value / metric.target) }
}

/** A level counts against the pods that are ready; with no replicas at all it counts as it is. */
function level(
  metric: MetricSpec,
  value: number,
  { replicas, existing, ready }: Observation,
  within: Within,
): Proposal {
  const ratio = value / metric.target
  if (replicas === 0) return { metric, value, ratio, withinTolerance: false, replicas: count(ratio) }
  if (within(ratio)) return { metric, value, ratio, withinTolerance: true, replicas }
  if (existing === 0) return none(metric, 'there are no pods to count')
  return { metric, value, ratio, withinTolerance: false, replicas: count(ratio * ready) }
}

/**
 * A value of each pod. A pod that says nothing counts as at the target when pods would go, and as idle when pods would come; one that does not run
 * yet counts as idle when pods would come, else not at all. If that turns the direction, nothing changes.
 */
function ofPods(
  metric: MetricSpec,
  { values, silent, pending }: PodValues,
  { replicas }: Observation,
  within: Within,
): Proposal {
  if (values.length + silent + pending === 0) return none(metric, 'there are no pods to count')
  if (values.length === 0) return none(metric, 'no pod gave a value')
  const total = values.reduce((sum, value) => sum + value, 0)
  const value = Math.trunc(total / values.length)
  const ratio = value / metric.target
  const stay: Proposal = { metric, value, ratio, withinTolerance: true, replicas }
  const more = ratio > 1
  const assumed = more ? silent + pending : silent
  if (assumed === 0 || ratio === 1)
    return within(ratio) ? stay : { ...stay, withinTolerance: false, replicas: count(ratio * values.length) }
  const pods = values.length + assumed
  const corrected = Math.trunc((more ? total : total + silent * metric.target) / pods) / metric.target
  if (within(corrected)) return stay
  const turned = (ratio < 1 && corrected > 1) || (more && corrected < 1)
  const proposed = count(corrected * pods)
  const against = (corrected < 1 && proposed > replicas) || (corrected > 1 && proposed < replicas)
  return { ...stay, withinTolerance: false, replicas: turned || against ? replicas : proposed }
}

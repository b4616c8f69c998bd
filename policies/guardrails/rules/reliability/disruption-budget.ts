import { autoscalers, leastReplicas, workloadKey } from '../../model/autoscaler.ts'
import { type Guardrail, type Violation, violation } from '../../model/guardrail.ts'
import { headroomFor } from '../../model/headroom.ts'
import { namespaceOf, objectName, ofKind, podsOf, selects } from '../../model/kubernetes.ts'
import { at, type GuardedResource } from '../../model/resource.ts'

/** How many of `count` pods a budget lets go at once. */
function allowed(budget: GuardedResource, count: number): number {
  const spec = at(budget.props, 'spec')
  // Kubernetes rounds up both ways.
  const of = (value: unknown): number =>
    typeof value === 'string' && value.endsWith('%')
      ? Math.ceil((count * Number.parseFloat(value)) / 100)
      : Number(value)
  const [away, here] = [at(spec, 'maxUnavailable'), at(spec, 'minAvailable')]
  return away !== undefined ? of(away) : here !== undefined ? count - of(here) : 0
}

export const disruptionBudget: Guardrail = {
  name: 'disruption-budget',
  title: 'A machine can be emptied, and a service stays',
  severity: 'medium',
  frameworks: [],
  remediation: 'Give every workload of two or more pods one PodDisruptionBudget that lets one pod go.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const budgets = ofKind(resources, 'PodDisruptionBudget')
    const scalers = autoscalers(resources)
    return ['Deployment', 'StatefulSet'].flatMap((kind) =>
      ofKind(resources, kind).flatMap((owner): readonly Violation[] => {
        if (headroomFor(owner)) return []
        const count = leastReplicas(owner, scalers, workloadKey(kind, namespaceOf(owner), objectName(owner)))
        const own = budgets.filter(
          (budget) =>
            namespaceOf(budget) === namespaceOf(owner) &&
            selects(at(budget.props, 'spec', 'selector'), podsOf(owner)[0]?.labels ?? {}),
        )
        if (count >= 2 && own.length === 0)
          return [violation(owner, [], `The workload has ${count} pods and should have a PodDisruptionBudget.`)]
        if (own.length > 1)
          return [
            violation(owner, [], 'The workload should have one PodDisruptionBudget: with two, no pod can be moved.'),
          ]
        return own
          .filter((budget) => allowed(budget, Math.max(1, count)) < 1)
          .map((budget) =>
            violation(budget, ['spec'], `The budget should let one of ${count} pods go, or no machine can be emptied.`),
          )
      }),
    )
  },
}

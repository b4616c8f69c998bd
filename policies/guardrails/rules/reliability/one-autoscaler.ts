import { autoscalers } from '../../model/autoscaler.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'

export const oneAutoscaler: Guardrail = {
  name: 'one-autoscaler',
  title: 'One autoscaler owns the replicas of a workload',
  severity: 'high',
  frameworks: [],
  remediation:
    'Delete all but one: a ScaledObject makes its own HorizontalPodAutoscaler, and two would undo each other.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const all = autoscalers(resources)
    return all
      .filter(({ target }, i) => all.findIndex((other) => other.target === target) < i)
      .map(({ resource, target }) =>
        violation(
          resource,
          ['spec', 'scaleTargetRef'],
          `${target} should have one autoscaler; another one owns it already.`,
        ),
      )
  },
}

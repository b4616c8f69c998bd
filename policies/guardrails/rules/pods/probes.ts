import { type Guardrail, should } from '../../model/guardrail.ts'
import { containersOf, podsOf } from '../../model/kubernetes.ts'
import { isGiven } from '../../model/resource.ts'

/** What stays; a job ends. */
const staying = ['Deployment', 'StatefulSet', 'DaemonSet']

export const probes: Guardrail = {
  name: 'pod-probes',
  title: 'A pod that does not work gets no calls, and a pod that hangs is restarted',
  severity: 'medium',
  frameworks: [],
  remediation: 'Give each container a readinessProbe and a livenessProbe.',
  scope: 'resource',
  judges: 'manifest',
  find: (resources) =>
    resources.flatMap((resource) => {
      const pod = podsOf(resource)
      if (!pod || !staying.includes(pod.kind)) return []
      return containersOf(pod)
        .filter(({ init }) => !init)
        .flatMap(({ path }) =>
          ['readinessProbe', 'livenessProbe'].flatMap((probe) => should(resource, [...path, probe], isGiven, 'given')),
        )
    }),
}

import { type Guardrail, should } from '../../model/guardrail.ts'
import { containersOf } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'
import { isGiven } from '../../model/resource.ts'

/** What ends by itself. */
const ending = ['Job', 'CronJob', 'Pod']

export const probes: Guardrail = {
  name: 'pod-probes',
  title: 'A pod that does not work gets no calls, and a pod that hangs is restarted',
  severity: 'medium',
  frameworks: [],
  remediation: 'Give each container a readinessProbe and a livenessProbe.',
  scope: 'resource',
  judges: 'manifest',
  find: eachPod((pod) =>
    ending.includes(pod.kind)
      ? []
      : containersOf(pod)
          .filter(({ init }) => !init)
          .flatMap(({ path }) =>
            ['readinessProbe', 'livenessProbe'].flatMap((probe) =>
              should(pod.owner, [...path, probe], isGiven, 'given'),
            ),
          ),
  ),
}

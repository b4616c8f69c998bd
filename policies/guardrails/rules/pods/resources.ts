import { type Guardrail, should } from '../../model/guardrail.ts'
import { containersOf } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'
import { isGiven } from '../../model/resource.ts'

/** CPU has no limit on purpose: one that is not used up by others is lost, and throttling looks like a slow service. */
const wanted = [
  ['requests', 'cpu'],
  ['requests', 'memory'],
  ['limits', 'memory'],
] as const

export const podResources: Guardrail = {
  name: 'pod-resources',
  title: 'A pod says what it needs, and cannot take the memory of others',
  severity: 'medium',
  frameworks: ['NSA Kubernetes Hardening: pod security'],
  remediation:
    'Give each container requests of CPU and memory, and a limit of memory; sizes stand in policies/environments.ts.',
  scope: 'resource',
  judges: 'manifest',
  find: eachPod((pod) =>
    containersOf(pod).flatMap(({ path }) =>
      wanted.flatMap((field) => should(pod.owner, [...path, 'resources', ...field], isGiven, 'given')),
    ),
  ),
}

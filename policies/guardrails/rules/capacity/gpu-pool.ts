import { type Guardrail, violation } from '../../model/guardrail.ts'
import { containersOf } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'
import { at, fields, isGiven, items, mayBe, unknown } from '../../model/resource.ts'

const gpu = 'nvidia.com/gpu'

/** Whether a pod names the machines that it wants: by selector, or by an affinity that is required. */
const picks = (spec: unknown): boolean =>
  fields(at(spec, 'nodeSelector')).length > 0 ||
  isGiven(at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'))

export const gpuPool: Guardrail = {
  name: 'gpu-pool',
  title: 'A pod with a GPU runs on a machine for GPUs, and no other pod does',
  severity: 'high',
  frameworks: [],
  remediation: `Give the pods a toleration of the taint ${gpu} and the node selector of the pool; ask for whole GPUs in limits.`,
  scope: 'resource',
  judges: 'manifest',
  find: eachPod((pod) => {
    const asks = containersOf(pod).some(({ container }) => isGiven(at(container, 'resources', 'limits', gpu)))
    const tolerates = items(at(pod.spec, 'tolerations')).some(
      (one) => mayBe(at(one, 'key'), gpu) && at(one, 'effect') !== 'PreferNoSchedule',
    )
    const surely = items(at(pod.spec, 'tolerations')).every((one) => at(one, 'key') !== unknown)
    const says = (bad: boolean, field: string, message: string) =>
      bad ? [violation(pod.owner, [...pod.path, field], message)] : []
    return [
      ...says(asks && !tolerates, 'tolerations', `The pods ask for a GPU and should tolerate the taint ${gpu}.`),
      ...says(
        asks && !picks(pod.spec),
        'nodeSelector',
        'The pods ask for a GPU and should select a pool that has some.',
      ),
      // A DaemonSet that looks after GPUs runs beside the pods that use them.
      ...says(
        tolerates && !asks && surely && pod.kind !== 'DaemonSet',
        'tolerations',
        `The pods ask for no GPU and should not tolerate the taint ${gpu}.`,
      ),
    ]
  }),
}

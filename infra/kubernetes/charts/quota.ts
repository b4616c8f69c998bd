import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { surge } from '../../../policies/capacity.ts'
import type { Size } from '../../../policies/model/service.ts'
import { bytes, millicores } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { runsHere } from '../names.ts'
import { bounds, scalingOf } from '../replicas.ts'
import { gpuResource } from '../workload/placement.ts'

/** The most pods that a service may have while a rollout replaces them. */
const mostPods = (scope: ChartScope, service: string, size: Size): number =>
  bounds(scope, service).max + surge(size, scalingOf(scope, service) !== undefined)

/**
 * What all pods of one namespace may ask for: enough for every service at its largest, and never more than the environment has
 * for the whole region.
 */
export function namespaceQuota(construct: Construct, scope: ChartScope, namespace: string): k8s.KubeResourceQuota {
  // The mesh's container counts like any other.
  const sidecar = scope.context.cluster.kind === 'managed' ? scope.policies.operators.sidecar : undefined
  const sizes = Object.entries(scope.policies.services)
    .filter(([name, service]) => service.namespace === namespace && runsHere(scope, name))
    .flatMap(([name]) => {
      const size = scope.policy.sizes[name]
      return size ? [{ ...size, pods: mostPods(scope, name, size) }] : []
    })
  const sum = (of: (size: (typeof sizes)[number]) => number): number =>
    sizes.reduce((total, size) => total + size.pods * of(size), 0)
  const { quota } = scope.policy
  const cpu = Math.min(
    sum((size) => millicores(size.cpu) + (sidecar ? millicores(sidecar.cpu) : 0)),
    millicores(quota.cpu),
  )
  const memory = Math.min(
    sum((size) => bytes(size.memory) + (sidecar ? bytes(sidecar.memory) : 0)),
    bytes(quota.memory),
  )
  const gpus = sum((size) => size.gpu ?? 0)
  const mebibytes = k8s.Quantity.fromString(`${Math.ceil(memory / 2 ** 20)}Mi`)
  return new k8s.KubeResourceQuota(construct, 'quota', {
    metadata: { name: 'quota', namespace },
    spec: {
      hard: {
        'requests.cpu': k8s.Quantity.fromString(`${Math.ceil(cpu)}m`),
        'requests.memory': mebibytes,
        'limits.memory': mebibytes,
        ...(gpus > 0 ? { [`requests.${gpuResource}`]: k8s.Quantity.fromNumber(gpus) } : {}),
      },
    },
  })
}

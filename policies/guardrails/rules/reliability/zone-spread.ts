import { autoscalers, leastReplicas, workloadKey } from '../../model/autoscaler.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { namespaceOf, objectName, ofKind, podsOf, selects } from '../../model/kubernetes.ts'
import { at, items } from '../../model/resource.ts'

const zone = 'topology.kubernetes.io/zone'

export const zoneSpread: Guardrail = {
  name: 'zone-spread',
  title: 'A zone that is lost takes a share of the pods, never all',
  severity: 'medium',
  frameworks: [],
  remediation: `Give the pods a topologySpreadConstraint over ${zone} that selects them.`,
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const scalers = autoscalers(resources)
    return ['Deployment', 'StatefulSet'].flatMap((kind) =>
      ofKind(resources, kind).flatMap((owner) => {
        const pod = podsOf(owner)
        const count = leastReplicas(owner, scalers, workloadKey(kind, namespaceOf(owner), objectName(owner)))
        const spread = items(at(pod?.spec, 'topologySpreadConstraints')).some(
          (one) => at(one, 'topologyKey') === zone && selects(at(one, 'labelSelector'), pod?.labels ?? {}),
        )
        if (!pod || count < 2 || spread) return []
        const path = [...pod.path, 'topologySpreadConstraints']
        return [violation(owner, path, `The ${count} pods should be spread over ${zone}.`)]
      }),
    )
  },
}

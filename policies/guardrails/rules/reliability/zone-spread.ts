import { autoscalers, leastReplicas, workloadKey } from '../../model/autoscaler.ts'
import { type Guardrail, violation } from '../../model/guardrail.ts'
import { namespaceOf, objectName, podsOf, selects } from '../../model/kubernetes.ts'
import { at, items, mayBe } from '../../model/resource.ts'

const zone = 'topology.kubernetes.io/zone'
/** Kinds that say how many pods there are; an Elasticsearch says it in each set of nodes. */
const counted = ['Deployment', 'StatefulSet']

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
    return resources.flatMap(podsOf).flatMap(({ owner, kind, labels, spec, path }) => {
      const count = counted.includes(kind)
        ? leastReplicas(owner, scalers, workloadKey(kind, namespaceOf(owner), objectName(owner)))
        : Number(at(owner.props, ...path.slice(0, -2), 'count') ?? 1)
      const spread = items(at(spec, 'topologySpreadConstraints')).some(
        (one) => mayBe(at(one, 'topologyKey'), zone) && selects(at(one, 'labelSelector'), labels),
      )
      if (!(count >= 2) || spread) return []
      const where = [...path, 'topologySpreadConstraints']
      return [violation(owner, where, `The ${count} pods should be spread over ${zone}.`)]
    })
  },
}

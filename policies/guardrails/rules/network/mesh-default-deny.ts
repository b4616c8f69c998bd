import { type Guardrail, violation } from '../../model/guardrail.ts'
import { namespaceOf, ofKind } from '../../model/kubernetes.ts'
import { at, fields, type GuardedResource, items } from '../../model/resource.ts'

/** An empty policy matches no request, so it allows none. */
const deniesAll = ({ props }: GuardedResource): boolean =>
  typeof at(props, 'spec') === 'object' &&
  fields(at(props, 'spec')).every(([field, value]) => field === 'action' && value === 'ALLOW')

const allowsAll = ({ props }: GuardedResource): boolean =>
  [undefined, 'ALLOW'].includes(at(props, 'spec', 'action') as undefined) &&
  items(at(props, 'spec', 'rules')).some((rule) => fields(rule).length === 0)

export const meshDefaultDeny: Guardrail = {
  name: 'mesh-default-deny',
  title: 'In the mesh only edges of the service graph are open',
  severity: 'high',
  frameworks: ['NSA Kubernetes Hardening: network separation'],
  remediation:
    'Keep one AuthorizationPolicy with an empty spec beside the PeerAuthentication of the mesh; name callers in all others.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const policies = ofKind(resources, 'AuthorizationPolicy')
    const denied = new Set(policies.filter(deniesAll).map(namespaceOf))
    return [
      ...ofKind(resources, 'PeerAuthentication')
        .filter((mesh) => !denied.has(namespaceOf(mesh)))
        .map((mesh) =>
          violation(mesh, [], 'Beside it should stand an AuthorizationPolicy with an empty spec, which denies all.'),
        ),
      ...policies
        .filter(allowsAll)
        .map((policy) =>
          violation(policy, ['spec', 'rules'], 'spec.rules should name callers; an empty rule lets everybody in.'),
        ),
    ]
  },
}

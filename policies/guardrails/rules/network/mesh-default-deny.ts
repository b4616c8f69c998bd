import { type Guardrail, violation } from '../../model/guardrail.ts'
import { namespaceOf, objectName, ofKind } from '../../model/kubernetes.ts'
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
    'Keep an AuthorizationPolicy with an empty spec in each namespace, or in the root namespace of the mesh; name callers in all others.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources) => {
    const policies = ofKind(resources, 'AuthorizationPolicy')
    const denied = new Set(policies.filter(deniesAll).map(namespaceOf))
    const roots = ofKind(resources, 'PeerAuthentication').map(namespaceOf)
    // A policy in the root namespace of the mesh holds everywhere; without one, each namespace needs its own.
    const everywhere = roots.length === 0 || roots.some((root) => denied.has(root))
    return [
      ...ofKind(resources, 'Namespace', 'core')
        .filter((one) => !everywhere && !roots.includes(objectName(one)) && !denied.has(objectName(one)))
        .map((one) =>
          violation(one, [], 'The namespace should have an AuthorizationPolicy with an empty spec, which denies all.'),
        ),
      ...policies
        .filter(allowsAll)
        .map((policy) =>
          violation(policy, ['spec', 'rules'], 'spec.rules should name callers; an empty rule lets everybody in.'),
        ),
    ]
  },
}

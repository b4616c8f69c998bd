import { type Guardrail, violation } from '../../model/guardrail.ts'
import { namespaceOf, objectName, ofKind } from '../../model/kubernetes.ts'
import { at, fields, type GuardedResource, isGiven, mayHold } from '../../model/resource.ts'

/** Picks every pod and opens nothing, in both directions. */
function deniesAll({ props }: GuardedResource): boolean {
  const spec = at(props, 'spec')
  const types = at(spec, 'policyTypes')
  const selector = at(spec, 'podSelector')
  return (
    fields(selector).length === 0 &&
    typeof selector === 'object' &&
    ['Ingress', 'Egress'].every((type) => mayHold(types, type)) &&
    !isGiven(at(spec, 'ingress')) &&
    !isGiven(at(spec, 'egress'))
  )
}

export const namespaceDefaultDeny: Guardrail = {
  name: 'namespace-default-deny',
  title: 'In every namespace of ours nothing talks that was not allowed to',
  severity: 'high',
  frameworks: ['CIS EKS 4.3.2', 'NSA Kubernetes Hardening: network separation'],
  remediation:
    'Make a NetworkPolicy in the namespace that selects all pods, names Ingress and Egress, and allows nothing.',
  scope: 'stack',
  judges: 'manifest',
  find: (resources, { policies }) => {
    const denied = new Set(ofKind(resources, 'NetworkPolicy').filter(deniesAll).map(namespaceOf))
    const ours = new Set<string>(Object.values(policies.services).map(({ namespace }) => namespace))
    return ofKind(resources, 'Namespace', 'core')
      .filter((namespace) => ours.has(objectName(namespace)))
      .filter((namespace) => !denied.has(objectName(namespace)))
      .map((namespace) =>
        violation(namespace, [], 'The namespace should have a NetworkPolicy that denies all, in and out.'),
      )
  },
}

import { type Guardrail, shouldBe } from '../../model/guardrail.ts'
import { objectName, ofKind } from '../../model/kubernetes.ts'

const label = 'pod-security.kubernetes.io/enforce'

export const namespaceRestricted: Guardrail = {
  name: 'namespace-restricted',
  title: 'A namespace of ours refuses pods that are not restricted',
  severity: 'high',
  frameworks: ['Pod Security Standards: restricted', 'NSA Kubernetes Hardening: pod security'],
  remediation: `Give the namespace the label ${label}: restricted.`,
  scope: 'resource',
  judges: 'manifest',
  find: (resources, { policies }) => {
    const ours = new Set<string>(Object.values(policies.services).map(({ namespace }) => namespace))
    return ofKind(resources, 'Namespace', 'core')
      .filter((namespace) => ours.has(objectName(namespace)))
      .flatMap((namespace) => shouldBe(namespace, ['metadata', 'labels', label], 'restricted'))
  },
}

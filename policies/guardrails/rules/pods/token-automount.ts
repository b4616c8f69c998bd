import { type Guardrail, should } from '../../model/guardrail.ts'
import { namespaceOf } from '../../model/kubernetes.ts'
import { eachPod } from '../../model/pods.ts'
import { at, unknown } from '../../model/resource.ts'

/** Service accounts that call the API server, by namespace and name. */
const callers: ReadonlySet<string> = new Set(['kube-system/coredns', 'istio-system/istiod', 'ngfw/operator'])

const mayCall = (namespace: string, account: unknown): boolean =>
  account === unknown || callers.has(`${namespace}/${String(account)}`)

export const tokenAutomount: Guardrail = {
  name: 'pod-token-automount',
  title: 'Only a pod that calls the API server holds a token for it',
  severity: 'high',
  frameworks: ['CIS EKS 4.1.6', 'NSA Kubernetes Hardening: authentication and authorization'],
  remediation:
    'Set automountServiceAccountToken to false, or name the service account in the list of callers of this rule.',
  scope: 'resource',
  judges: 'manifest',
  find: eachPod(({ owner, spec, path }) =>
    mayCall(namespaceOf(owner), at(spec, 'serviceAccountName'))
      ? []
      : should(owner, [...path, 'automountServiceAccountToken'], (value) => value === false, 'false'),
  ),
}

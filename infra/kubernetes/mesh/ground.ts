import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { ingressNamespace, networkName, rootNamespace } from './identity.ts'

const restricted = Object.fromEntries(
  ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
)

/** Labels by which the pods of a namespace get their proxy. The node's own plugin redirects, so that no pod needs a right for it. */
export const injectedNamespace: Readonly<Record<string, string>> = { 'istio-injection': 'enabled' }

/** The account by which other clusters' control planes read this one's addresses. Istio's chart makes it. */
const reader = 'istio-reader-service-account'

/** The Secret that the API server fills with that account's token. */
export const readerToken = 'istio-reader-token'

/** Namespaces of the mesh, and the token for the other regions' control planes. */
export class MeshGround extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'ground')
    new k8s.KubeNamespace(this, rootNamespace, {
      metadata: {
        name: rootNamespace,
        labels: { ...restricted, 'topology.istio.io/network': networkName(scope, scope.context.region) },
      },
    })
    new k8s.KubeNamespace(this, ingressNamespace, {
      metadata: { name: ingressNamespace, labels: { ...restricted, ...injectedNamespace } },
    })
    new k8s.KubeSecret(this, 'reader-token', {
      metadata: {
        name: readerToken,
        namespace: rootNamespace,
        annotations: { 'kubernetes.io/service-account.name': reader },
      },
      type: 'kubernetes.io/service-account-token',
    })
  }
}

import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { istioNamespace } from '../operators/istio-names.ts'
import { crossesRegions, inside } from './graph.ts'
import { hostOf } from './identity.ts'

/** The account by which other clusters' control planes read this one's addresses. Istio's chart makes it. */
const reader = 'istio-reader-service-account'

/** The Secret that the API server fills with that account's token. */
export const readerToken = 'istio-reader-token'

/** What the other regions' control planes sign in with. */
export class MeshReader extends Construct {
  constructor(parent: Construct) {
    super(parent, 'reader')
    new k8s.KubeSecret(this, 'token', {
      metadata: {
        name: readerToken,
        namespace: istioNamespace,
        annotations: { 'kubernetes.io/service-account.name': reader },
      },
      type: 'kubernetes.io/service-account-token',
    })
  }
}

/**
 * For istiod's `meshConfig.serviceSettings`: services of which every region has its own. Otherwise Istio takes a name for one service in
 * all clusters.
 */
export const serviceSettings = (scope: ChartScope) => [
  {
    settings: { clusterLocal: true },
    hosts: inside(scope)
      .filter((service) => !crossesRegions(scope, service))
      .map((service) => hostOf(scope, service)),
  },
]

import { ApiObject } from 'cdk8s'
import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import { RegionChart } from '../../charts/region-chart.ts'
import { podSecurityLabels } from '../../names.ts'
import { istioNamespace } from '../../operators/istio-names.ts'
import { denyAll } from '../../workload/network.ts'
import { ControlPlane } from './control-plane.ts'
import { Gateway } from './gateway.ts'
import type { LocalMeshScope } from './scope.ts'

/**
 * The mesh of a region on a developer's machine: the control plane itself, and one gateway, an Envoy as its project makes it. There are no
 * sidecars: what such an Envoy cannot do is in docs/mesh.md.
 */
export class LocalMesh extends RegionChart {
  constructor(parent: Construct, scope: LocalMeshScope) {
    super(parent, 'local-mesh', scope)
    for (const { apiVersion, kind, metadata, spec } of scope.mesh.definitions)
      new ApiObject(this, `definition-${metadata.name}`, { apiVersion, kind, metadata: { name: metadata.name }, spec })
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: { name: istioNamespace, labels: podSecurityLabels('restricted') },
    })
    denyAll(this, istioNamespace)
    new ControlPlane(this, scope)
    new Gateway(this, scope)
  }
}

import type { Construct } from 'constructs'
import { RegionChart } from '../charts/region-chart.ts'
import type { ChartScope } from '../context.ts'
import { Access } from './access.ts'
import { ExternalServices } from './external.ts'
import { Gateways } from './gateways.ts'
import { managed } from './graph.ts'
import { MeshGround } from './ground.ts'
import { MeshNetwork } from './network.ts'
import { Sidecars } from './sidecars.ts'
import { MeshTelemetry } from './telemetry.ts'
import { Traffic } from './traffic.ts'

export { type Entry, publicHosts } from './entry.ts'
export { issuer } from './gateways.ts'
export { crossesRegions, entries, protocolOf } from './graph.ts'
export { injectedNamespace, readerToken } from './ground.ts'
export {
  clusterName,
  eastWestGateway,
  ingressGateway,
  ingressNamespace,
  meshId,
  networkName,
  revisionTag,
  trustDomain,
} from './identity.ts'
export { meshKinds } from './object.ts'
export { type RemoteCluster, remoteSecret, remoteToken } from './remote-secret.ts'
export { meshCharts, proxySize } from './settings.ts'

/**
 * The mesh of a managed cluster: who may call whom, how callers behave, what may leave, and the ways in from other regions and from
 * outside. Nothing here is for `ml-inference`: its operator makes that service's objects.
 */
export class Mesh extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'mesh', scope)
    managed(scope)
    new MeshGround(this, scope)
    new Access(this, scope)
    new Traffic(this, scope)
    new ExternalServices(this, scope)
    new Sidecars(this, scope)
    new Gateways(this, scope)
    new MeshNetwork(this, scope)
    new MeshTelemetry(this, scope)
  }
}

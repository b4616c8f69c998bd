/** The charts of a region and the way from them to Pulumi resources. The public surface of `infra/kubernetes`. */
export { type DeployOptions, deploy } from './bridge/deploy.ts'
export { resourceName } from './bridge/plan.ts'
export { internalDomain } from './charts/hot-tier/copies.ts'
export { ManifestError } from './checks/findings.ts'
export type {
  Certificate,
  ChartContext,
  ChartScope,
  Cluster,
  EmbeddedCluster,
  ManagedCluster,
  SecretInputs,
} from './context.ts'
export { chartScope } from './context.ts'
export { type Identity, identities } from './identities.ts'
export { localContext } from './local-context.ts'
export { type RemoteCluster, readerToken, remoteSecret } from './mesh/remote-secret.ts'
export { istioNamespace, meshId, meshNetwork, tracingProvider, trustDomain } from './operators/istio-names.ts'
export type { Release } from './operators/release.ts'
export { type Manifest, type Part, type Synthesis, synthesize } from './synthesize.ts'
export { portsBetweenRegions } from './workload/managed-network.ts'

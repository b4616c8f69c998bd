import type { CloudPolicy } from '../../../policies/model/cloud.ts'
import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'

/** The namespace whose policies hold in the whole mesh, and that of the gateway for callers from outside. */
export const rootNamespace = 'istio-system'
export const ingressNamespace = 'istio-ingress'

/** The two gateways: name of the service account, of the Service and of the label `istio`. */
export const ingressGateway = 'ingressgateway'
export const eastWestGateway = 'eastwestgateway'

/** The tag that `istio-injection: enabled` means. An upgrade of the control plane moves the tag, not the namespaces. */
export const revisionTag = 'default'

/** The cloud's part of the policies. Throws RangeError for an environment that is not in the cloud. */
export function cloudOf({ environment, policies }: ChartScope): CloudPolicy {
  const cloud = policies.cloud[environment]
  if (!cloud) throw new RangeError(`'${environment}' is no environment of the cloud, and only those have a mesh.`)
  return cloud
}

/** What all certificates of the environment's mesh begin with, in every region: an edge holds wherever its caller is. */
export const trustDomain = (scope: ChartScope): string => cloudOf(scope).domain

/** Name of the mesh that all clusters of the environment form. */
export const meshId = ({ environment }: ChartScope): string => `nd-${environment}`

/** Name of a region's cluster in the mesh. Names of Pulumi's are known too late: a certificate carries this one. */
export const clusterName = ({ environment }: ChartScope, region: string): string => `nd-${environment}-${region}`

/** Name of the network that a region's pods share; between networks only the east-west gateways are reached. */
export const networkName = clusterName

/** Who a service's pods are, as certificates say it. */
export const principal = (scope: ChartScope, service: string): string =>
  principalOf(scope, nodeOf(scope, service).namespace, service)

/** Who the gateway for callers from outside is. */
export const ingressPrincipal = (scope: ChartScope): string => principalOf(scope, ingressNamespace, ingressGateway)

/** Who pods with that service account are. */
export const principalOf = (scope: ChartScope, namespace: string, name: string): string =>
  `${trustDomain(scope)}/ns/${namespace}/sa/${name}`

/** The full name of a service, the same in every cluster. */
export const hostOf = (scope: ChartScope, service: string): string =>
  `${service}.${nodeOf(scope, service).namespace}.svc.${scope.context.domain}`

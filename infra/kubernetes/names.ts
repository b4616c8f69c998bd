import type { CloudEnvironment } from '../../policies/cloud.ts'
import { listeningPorts, openInlets } from '../../policies/inlets.ts'
import type { PortName, ServicePolicy } from '../../policies/model/service.ts'
import type { ServiceName } from '../../policies/services.ts'
import { type AwsScope, awsScope } from '../aws/scope.ts'
import type { ChartScope } from './context.ts'

/** The node of the service graph. Throws RangeError when there is none. */
export function nodeOf({ policies }: Pick<ChartScope, 'policies'>, service: string): ServicePolicy {
  const found = policies.services[service]
  if (!found) throw new RangeError(`There is no service '${service}' in the service graph.`)
  return found
}

/** Number of a port that must exist. Throws RangeError when the service has none of that name. */
export function port(scope: Pick<ChartScope, 'policies'>, service: string, name: PortName): number {
  const number = nodeOf(scope, service).ports[name]
  if (number === undefined) throw new RangeError(`services.${service}.ports has no '${name}'.`)
  return number
}

/** The ports on which a service's pods listen here. */
export const portsOf = (scope: Pick<ChartScope, 'policies' | 'policy'>, service: string) =>
  listeningPorts(nodeOf(scope, service), scope.policy)

/** The ways in for senders that speak no HTTP, as far as they are open here. */
export const inletsOf = (scope: Pick<ChartScope, 'policies' | 'policy'>, service: string) =>
  openInlets(nodeOf(scope, service), scope.policy)

/** host:port of a service for callers in the region. */
export const address = (scope: ChartScope, service: ServiceName, name: PortName): string =>
  `${service}.${nodeOf(scope, service).namespace}.svc:${port(scope, service, name)}`

/** Engines that are services of AWS there, and pods anywhere else. */
export const managedEngines = ['kafka', 'redis'] as const satisfies readonly ServiceName[]

/** Whether a service's pods run in this kind of cluster. */
export const runsHere = (scope: ChartScope, service: string): boolean =>
  scope.context.cluster.kind === 'managed'
    ? !(managedEngines as readonly string[]).includes(service)
    : nodeOf(scope, service).only !== 'cloud'

/** Who is pushed away for whom when machines are full: placeholders for everybody, services for what keeps data. */
export const priorities = {
  data: 'neurodefender-data',
  services: 'neurodefender-services',
  headroom: 'neurodefender-headroom',
} as const

/** Name of the twin Service whose DNS records are the pods themselves. */
export const headless = (service: string): string => `${service}-headless`

/** Full name of the headless twin. */
export const headlessHost = (scope: ChartScope, service: string): string =>
  `${headless(service)}.${nodeOf(scope, service).namespace}.svc.${scope.context.domain}`

/** Full name of one pod of a StatefulSet. */
export const podHost = (scope: ChartScope, service: ServiceName, ordinal: number): string =>
  `${service}-${ordinal}.${headlessHost(scope, service)}`

/** The same for what is named or tagged in AWS. Throws RangeError for an environment or a region that is not there. */
export const cloudScope = ({ environment, context, policies }: ChartScope): AwsScope =>
  awsScope(environment as CloudEnvironment, context.region, policies)

/** The label by which a service's pods are found. */
export const podLabels = (service: string): Record<string, string> => ({ 'app.kubernetes.io/name': service })

/** The names that a service's certificate is good for, inside the region. */
export function certificateNames(scope: ChartScope, service: string): string[] {
  const { namespace } = nodeOf(scope, service)
  const { domain } = scope.context
  return [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.${domain}`,
    `*.${service}-headless.${namespace}.svc.${domain}`,
    'localhost',
  ]
}

/**
 * Services whose pods speak for themselves: copies that talk to other regions by TLS of their own, the job that calls nobody in the
 * cluster and must end, the operator, which calls the API server alone, and the forecaster, which calls Prometheus alone.
 */
const outside: ReadonlySet<string> = new Set<ServiceName>([
  'keeper',
  'elasticsearch',
  'topics',
  'operator',
  'forecaster',
])

/** Whether a service's pods get a proxy of the mesh, where there is a mesh. */
export const meshed = ({ context }: ChartScope, service: string): boolean =>
  context.cluster.kind === 'managed' && !outside.has(service)

/** Whether a region has a mesh, with proxies at every pod or at its entry alone. */
export const hasMesh = ({ context: { cluster } }: ChartScope): boolean =>
  cluster.kind === 'managed' || cluster.mesh !== undefined

/** The label of a pod of a cloud that the mesh adds no proxy to. */
export const meshLabels = (scope: ChartScope, service: string): Record<string, string> =>
  scope.context.cluster.kind === 'embedded' || meshed(scope, service) ? {} : { 'sidecar.istio.io/inject': 'false' }

/** Labels of a namespace: what its pods may not do. */
export const podSecurityLabels = (profile: 'restricted' | 'baseline' | 'privileged'): Record<string, string> =>
  Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, profile]))

/** Where a folder of mounted files is in a container. */
export const mounted = (mount: string, file?: string): string =>
  ['/etc/neurodefender', mount, ...(file ? [file] : [])].join('/')

/** Labels of every object: whose it is and where the data it touches may lie. */
export function commonLabels({ environment, policies, context }: ChartScope): Record<string, string> {
  const jurisdiction = policies.regions[context.region]?.jurisdiction
  return {
    'app.kubernetes.io/part-of': 'neurodefender',
    'app.kubernetes.io/managed-by': 'pulumi',
    'neurodefender.io/environment': environment,
    'neurodefender.io/region': context.region,
    ...(jurisdiction ? { 'neurodefender.io/jurisdiction': jurisdiction } : {}),
  }
}

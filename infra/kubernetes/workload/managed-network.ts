import { k8s } from 'cdk8s-plus-27'
import { reservedNetworks } from '../../../policies/model/reserved.ts'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { managedEngines, meshed, nodeOf, port } from '../names.ts'

/** The port on which MSK asks callers who they are by IAM. */
export const kafkaIamPort = 9098

/** Where the agent of EKS Pod Identity hands a pod its role's credentials. */
const podIdentityAgent = { cidr: '169.254.170.23/32', port: 80 }

/**
 * The replicas of the hot tier in all regions fetch from each other, and ask each other, beside what the mesh carries. So does the sink
 * ask each of them what it has (`lookup`).
 */
export const replicaPorts = { interserver: 9010, native: 9440, lookup: 8444 } as const

/** Who asks each replica by itself. */
const asksReplicas = (service: string): boolean => service === 'hot-sink'

/** The mesh's own namespace, the label of its control plane's pods, and the ports that a pod of the mesh needs. */
const mesh = { namespace: 'istio-system', control: 'istiod', controlPort: 15012, crossNetworkPort: 15443 } as const

/** Namespaces of the controllers that call our pods, by the service that they call. */
const operatorsOf: Readonly<Partial<Record<string, string>>> = {
  clickhouse: 'clickhouse-operator',
  elasticsearch: 'elastic-system',
}

/** Where certificates of the mesh, and traces, go. */
const helpers = [
  { namespace: 'cert-manager', port: 6443 },
  { namespace: 'telemetry', port: 4317 },
  { namespace: 'telemetry', port: 4318 },
] as const

/** Services that keep copies in other regions, by the ports that the copies use. */
const acrossRegions = (scope: ChartScope, service: string): number[] =>
  service === 'clickhouse'
    ? Object.values(replicaPorts)
    : service === 'keeper'
      ? (['keeper', 'raft'] as const).map((name) => port(scope, 'keeper', name))
      : []

const tcp = (number: number): k8s.NetworkPolicyPort => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(number) })
const inNamespace = (name: string, labels?: Record<string, string>): k8s.NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
  ...(labels ? { podSelector: { matchLabels: labels } } : {}),
})
const blocks = (...cidrs: readonly string[]): k8s.NetworkPolicyPeer[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }))

const isEngine = (service: string): boolean => (managedEngines as readonly string[]).includes(service)

const enginePort = (cluster: ManagedCluster, engine: string): number =>
  engine === 'kafka' ? kafkaIamPort : cluster.cache.port

/** Where a machine's GPUs tell how they are; in the clear, because it says nothing secret. */
export const gpuMetrics = { namespace: 'gpu', name: 'gpu-metrics', port: 9400 } as const

/** TLS to the public internet, and to no address of a network of ours. */
export const publicTls: k8s.NetworkPolicyEgressRule = {
  to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [...reservedNetworks] } }],
  ports: [tcp(443)],
}

/** Services that keep something in a bucket, or fetch it from there: by what it is. */
export const keeperOf: Readonly<Partial<Record<string, 'backups' | 'models'>>> = {
  clickhouse: 'backups',
  'ml-inference': 'models',
}

/** Whether a service's pods prove who they are to AWS: they call Kafka, or S3. */
export const needsRole = (scope: ChartScope, service: string): boolean =>
  keeperOf[service] !== undefined || nodeOf(scope, service).calls.some((call) => call.service === 'kafka')

/** The way out to an engine that AWS runs: addresses of the network, for it has no pods. Undefined for any other service. */
export function managedRule(scope: ChartScope, to: string): k8s.NetworkPolicyEgressRule | undefined {
  const { cluster } = scope.context
  if (cluster.kind === 'embedded' || !isEngine(to)) return undefined
  return { to: blocks(cluster.network), ports: [tcp(enginePort(cluster, to))] }
}

/** Regions whose copies a service talks to: all of the environment; its own pods are in the network too. */
const everywhere = ({ network, peers }: ManagedCluster): k8s.NetworkPolicyPeer[] => blocks(network, ...peers)

/** What a pod of a cloud may call beside the edges of the graph. */
export function managedEgress(scope: ChartScope, service: string): k8s.NetworkPolicyEgressRule[] {
  const { cluster } = scope.context
  if (cluster.kind === 'embedded') return []
  const identity = { to: blocks(podIdentityAgent.cidr), ports: [tcp(podIdentityAgent.port)] }
  // STS answers at an endpoint inside the network.
  const aws = { to: blocks(cluster.network), ports: [tcp(443)] }
  const copies = acrossRegions(scope, service)
  const inMesh = meshed(scope, service)
  // A call whose pods here are gone goes to another region through that region's gateway.
  const elsewhere = nodeOf(scope, service).calls.some(({ service: to }) => !isEngine(to))
  return [
    ...(needsRole(scope, service) ? [identity, aws] : []),
    // S3 has public addresses, to which the network's own gateway leads. Which names may be called the mesh says, and which buckets the role and the gateway.
    ...(keeperOf[service] ? [publicTls] : []),
    ...(copies.length > 0 ? [{ to: everywhere(cluster), ports: copies.map(tcp) }] : []),
    ...(service === 'clickhouse'
      ? [{ to: blocks(...cluster.peers), ports: [tcp(port(scope, 'keeper', 'keeper'))] }]
      : []),
    ...(inMesh
      ? [
          { to: [inNamespace(mesh.namespace, { app: mesh.control })], ports: [tcp(mesh.controlPort)] },
          ...helpers.map((helper) => ({ to: [inNamespace(helper.namespace)], ports: [tcp(helper.port)] })),
        ]
      : []),
    ...(service === 'prometheus' ? [{ to: [inNamespace(gpuMetrics.namespace)], ports: [tcp(gpuMetrics.port)] }] : []),
    ...(asksReplicas(service) ? [{ to: everywhere(cluster), ports: [tcp(replicaPorts.lookup)] }] : []),
    ...(inMesh && elsewhere ? [{ to: blocks(...cluster.peers), ports: [tcp(mesh.crossNetworkPort)] }] : []),
  ]
}

/** Who may call a pod of a cloud beside the edges of the graph: its controller, its copies, and the gateway for callers elsewhere. */
export function managedIngress(scope: ChartScope, service: string): k8s.NetworkPolicyIngressRule[] {
  const { cluster } = scope.context
  if (cluster.kind === 'embedded') return []
  const copies = acrossRegions(scope, service)
  const operator = operatorsOf[service]
  const called = Object.values(scope.policies.services)
    .flatMap(({ calls }) => calls.filter((call) => call.service === service))
    .map((call) => port(scope, service, call.port))
  const forGateway = meshed(scope, service) ? [...new Set(called)] : []
  const main = Object.values(nodeOf(scope, service).ports)[0]
  return [
    ...(copies.length > 0 ? [{ from: everywhere(cluster), ports: copies.map(tcp) }] : []),
    ...(operator && main !== undefined ? [{ from: [inNamespace(operator)], ports: [tcp(main)] }] : []),
    ...(forGateway.length > 0
      ? [{ from: [inNamespace(mesh.namespace, gatewayLabels('eastwest'))], ports: forGateway.map(tcp) }]
      : []),
  ]
}

/** Ports of a region's cluster that the other regions call: what security groups must let through, and why. */
export const portsBetweenRegions = (
  scope: Pick<ChartScope, 'policies'>,
): readonly { readonly port: number; readonly reason: string }[] => [
  { port: 443, reason: 'The API, for control planes of the mesh and the stack that joins regions' },
  { port: mesh.crossNetworkPort, reason: 'The east-west gateway of the mesh' },
  { port: replicaPorts.interserver, reason: 'Parts between replicas of the hot tier' },
  { port: replicaPorts.native, reason: 'Questions between replicas of the hot tier' },
  { port: replicaPorts.lookup, reason: 'The sink, which asks every replica what it has' },
  { port: port(scope, 'keeper', 'keeper'), reason: 'Keeper, for replicas of the hot tier' },
  { port: port(scope, 'keeper', 'raft'), reason: 'Members of the Keeper quorum' },
]

/** The labels by which the pods of a gateway of the mesh are found. */
export const gatewayLabels = (which: 'ingress' | 'eastwest'): Record<string, string> => ({
  istio: `${which}gateway`,
})

/** Ports that the proxies of the mesh leave alone, for `traffic.sidecar.istio.io/…`: another region's pods are not of this mesh's network. */
export const unmeshedPorts = (scope: ChartScope): string =>
  [...Object.values(replicaPorts), port(scope, 'keeper', 'keeper'), port(scope, 'keeper', 'raft')].join(',')

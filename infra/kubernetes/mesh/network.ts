import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf, podLabels, port } from '../names.ts'
import { denyAll } from '../workload/network.ts'
import { entryOf } from './entry.ts'
import { eastWestPort, ingressPort, statusPort } from './gateways.ts'
import { crossesRegions, edges, inside, managed, namespaces } from './graph.ts'
import { eastWestGateway, ingressGateway, ingressNamespace, rootNamespace } from './identity.ts'
import { tracingPort } from './telemetry.ts'

/** Where the control plane tells proxies what to do, and where certificates are signed: ports of Istio and istio-csr. */
const controlPort = 15_012
const signerPort = 6_443

const tcp = (number: number): k8s.NetworkPolicyPort => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(number) })

const pods = (namespace: string, matchLabels?: Record<string, string>): k8s.NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  ...(matchLabels ? { podSelector: { matchLabels } } : {}),
})

const blocks = (cidrs: readonly string[]): k8s.NetworkPolicyPeer[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }))

const dns: k8s.NetworkPolicyEgressRule = {
  to: [pods('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: k8s.IntOrString.fromNumber(53) })),
}

const control: readonly k8s.NetworkPolicyEgressRule[] = [
  { to: [pods(rootNamespace, { app: 'istiod' })], ports: [tcp(controlPort)] },
  { to: [pods('cert-manager')], ports: [tcp(signerPort)] },
  { to: [pods('monitoring', podLabels('otel-collector'))], ports: [tcp(tracingPort)] },
]

/**
 * What proxies need of the network beside the edges that the workloads' own policies open: the control plane, the signer, traces, and
 * for services with pods elsewhere the gateways between regions. Policies add up, so these open nothing that the graph closes.
 */
export class MeshNetwork extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'network')
    for (const namespace of namespaces(scope))
      new k8s.KubeNetworkPolicy(this, namespace, {
        metadata: { name: 'mesh', namespace },
        spec: { podSelector: {}, policyTypes: ['Egress'], egress: [...control] },
      })
    const crossing = inside(scope).filter((service) => crossesRegions(scope, service))
    for (const service of crossing) this.#fromOtherRegions(scope, service)
    const callers = new Set(edges(scope).flatMap(({ from, to }) => (crossing.includes(to) ? [from] : [])))
    for (const service of inside(scope).filter((name) => callers.has(name))) this.#toOtherRegions(scope, service)
    this.#ingress(scope)
  }

  #fromOtherRegions(scope: ChartScope, service: string): void {
    const ports = [
      ...new Set(edges(scope).flatMap((edge) => (edge.to === service ? [port(scope, service, edge.port)] : []))),
    ]
    new k8s.KubeNetworkPolicy(this, `to-${service}`, {
      metadata: { name: `${service}-from-regions`, namespace: nodeOf(scope, service).namespace },
      spec: {
        podSelector: { matchLabels: podLabels(service) },
        policyTypes: ['Ingress'],
        ingress: [{ from: [pods(rootNamespace, { istio: eastWestGateway })], ports: ports.map(tcp) }],
      },
    })
  }

  #toOtherRegions(scope: ChartScope, service: string): void {
    const { peers } = managed(scope)
    if (peers.length === 0) return
    new k8s.KubeNetworkPolicy(this, `from-${service}`, {
      metadata: { name: `${service}-to-regions`, namespace: nodeOf(scope, service).namespace },
      spec: {
        podSelector: { matchLabels: podLabels(service) },
        policyTypes: ['Egress'],
        egress: [{ to: blocks(peers), ports: [tcp(eastWestPort)] }],
      },
    })
  }

  #ingress(scope: ChartScope): void {
    denyAll(this, ingressNamespace)
    if (!entryOf(scope)) return
    const entries = inside(scope).flatMap((service) => {
      const { entry, namespace } = nodeOf(scope, service)
      return entry ? [{ to: [pods(namespace, podLabels(service))], ports: [tcp(port(scope, service, entry))] }] : []
    })
    new k8s.KubeNetworkPolicy(this, 'gateway', {
      metadata: { name: ingressGateway, namespace: ingressNamespace },
      spec: {
        podSelector: { matchLabels: { istio: ingressGateway } },
        policyTypes: ['Ingress', 'Egress'],
        // The load balancer stands in the region's own network.
        ingress: [{ from: blocks([managed(scope).network]), ports: [ingressPort, statusPort].map(tcp) }],
        egress: [dns, ...control, ...entries],
      },
    })
  }
}

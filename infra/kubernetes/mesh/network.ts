import { k8s } from 'cdk8s-plus-27'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf, podLabels, port } from '../names.ts'
import { denyAll } from '../workload/network.ts'
import { entryOf } from './entry.ts'
import { ingressPort, statusPort } from './gateways.ts'
import { entries, managed } from './graph.ts'
import { ingressGateway, ingressNamespace, rootNamespace } from './identity.ts'
import { tracingNamespace, tracingPort } from './telemetry.ts'

/** Where the control plane tells proxies what to do, and where certificates are signed: ports of Istio and istio-csr. */
const controlPort = 15_012
const signerPort = 6_443

const on = (...numbers: readonly number[]): k8s.NetworkPolicyPort[] =>
  numbers.map((number) => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(number) }))

const pods = (namespace: string, matchLabels?: Record<string, string>): k8s.NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  ...(matchLabels ? { podSelector: { matchLabels } } : {}),
})

const dns: k8s.NetworkPolicyEgressRule = {
  to: [pods('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: k8s.IntOrString.fromNumber(53) })),
}

/** What the gateway for callers from outside needs of the network, and no more. Workloads have policies of their own. */
export class MeshNetwork extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'network')
    denyAll(this, ingressNamespace)
    if (!entryOf(scope)) return
    const services = entries(scope).flatMap((service) => {
      const { entry, namespace } = nodeOf(scope, service)
      return entry ? [{ to: [pods(namespace, podLabels(service))], ports: on(port(scope, service, entry)) }] : []
    })
    new k8s.KubeNetworkPolicy(this, 'gateway', {
      metadata: { name: ingressGateway, namespace: ingressNamespace },
      spec: {
        podSelector: { matchLabels: { istio: ingressGateway } },
        policyTypes: ['Ingress', 'Egress'],
        // The load balancer stands in the region's own network.
        ingress: [{ from: [{ ipBlock: { cidr: managed(scope).network } }], ports: on(ingressPort, statusPort) }],
        egress: [
          dns,
          { to: [pods(rootNamespace, { app: 'istiod' })], ports: on(controlPort) },
          { to: [pods('cert-manager')], ports: on(signerPort) },
          { to: [pods(tracingNamespace)], ports: on(tracingPort) },
          ...services,
        ],
      },
    })
  }
}

import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { PortName } from '../../../policies/model/service.ts'
import { apiServerPort } from '../../local/state.ts'
import type { ChartScope } from '../context.ts'
import { inletsOf, nodeOf, podLabels, port, runsHere } from '../names.ts'
import { managedEgress, managedIngress, managedRule, publicTls } from './managed-network.ts'

/** The port of the name server's pods. They run as nobody in particular, so it is not 53. */
export const dnsPodPort = 5353

export const tcp = (number: number): k8s.NetworkPolicyPort => ({
  protocol: 'TCP',
  port: k8s.IntOrString.fromNumber(number),
})
const dnsPorts = (number: number): k8s.NetworkPolicyPort[] =>
  ['UDP', 'TCP'].map((protocol) => ({ protocol, port: k8s.IntOrString.fromNumber(number) }))

const namespaceLabel = (name: string): k8s.LabelSelector => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })

/** The way to the name server, for every pod. */
export const namesEgress: k8s.NetworkPolicyEgressRule = {
  to: [{ namespaceSelector: namespaceLabel('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [...dnsPorts(53), ...dnsPorts(dnsPodPort)],
}

/** Pods of a namespace, all or those with the labels. */
export const podsIn = (namespace: string, labels?: Readonly<Record<string, string>>): k8s.NetworkPolicyPeer => ({
  namespaceSelector: namespaceLabel(namespace),
  ...(labels ? { podSelector: { matchLabels: labels } } : {}),
})

/** The pods of a service. */
export const peer = (scope: ChartScope, service: string): k8s.NetworkPolicyPeer =>
  podsIn(nodeOf(scope, service).namespace, podLabels(service))

/** The API server: the machine itself, or an endpoint inside the network of a cloud. */
const apiServer = ({ context: { cluster } }: ChartScope): k8s.NetworkPolicyEgressRule =>
  cluster.kind === 'embedded'
    ? { to: [{ ipBlock: { cidr: `${cluster.nodeAddress}/32` } }], ports: [tcp(apiServerPort)] }
    : { to: [{ ipBlock: { cidr: cluster.network } }], ports: [tcp(443)] }

interface Edge {
  readonly from: string
  readonly to: string
  readonly port: PortName
}

/** The edges between pods of this kind of cluster, and from them to what AWS runs. */
const edges = (scope: ChartScope): Edge[] =>
  Object.entries(scope.policies.services)
    .filter(([from]) => runsHere(scope, from))
    .flatMap(([from, { calls }]) => calls.map((call) => ({ from, to: call.service, port: call.port })))
    .filter(({ to }) => scope.context.cluster.kind === 'managed' || runsHere(scope, to))

/**
 * Opens what the service graph says and nothing else: one rule per edge, the entry port and the open inlets for everybody, and the name server.
 * What comes from the node itself (probes) is not subject to policies.
 */
export function networkPolicy(construct: Construct, scope: ChartScope, service: string): k8s.KubeNetworkPolicy {
  const { namespace, entry, internet, api } = nodeOf(scope, service)
  const all = edges(scope)
  return new k8s.KubeNetworkPolicy(construct, 'network', {
    metadata: { name: service, namespace },
    spec: {
      podSelector: { matchLabels: podLabels(service) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        ...(entry ? [{ ports: [tcp(port(scope, service, entry))] }] : []),
        ...inletsOf(scope, service).map(({ port: number, protocol }) => ({
          ports: [{ protocol, port: k8s.IntOrString.fromNumber(number) }],
        })),
        ...all
          .filter(({ to }) => to === service)
          .map((edge) => ({ from: [peer(scope, edge.from)], ports: [tcp(port(scope, service, edge.port))] })),
        ...managedIngress(scope, service),
      ],
      egress: [
        namesEgress,
        ...all
          .filter(({ from }) => from === service)
          .map(
            (edge) =>
              managedRule(scope, edge.to) ?? {
                to: [peer(scope, edge.to)],
                ports: [tcp(port(scope, edge.to, edge.port))],
              },
          ),
        ...(internet ? [publicTls] : []),
        ...(api ? [apiServer(scope)] : []),
        ...managedEgress(scope, service),
      ],
    },
  })
}

/** Forbids what no other policy of the namespace allows. */
export const denyAll = (construct: Construct, namespace: string): k8s.KubeNetworkPolicy =>
  new k8s.KubeNetworkPolicy(construct, 'deny-all', {
    metadata: { name: 'deny-all', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  })

import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { PortName } from '../../../policies/model/service.ts'
import { named } from '../../aws/scope.ts'
import type { ChartScope } from '../context.ts'
import { protocolOf } from '../mesh/graph.ts'
import { cloudScope, headless, inletsOf, meshed, nodeOf, podLabels, port, portsOf } from '../names.ts'

/** What proxies of the mesh are to see on a port; without it they take a port named `https` for TLS. Nothing where there is no mesh. */
export const appProtocol = (
  scope: ChartScope,
  service: string,
  name: PortName,
): Pick<k8s.ServicePort, 'appProtocol'> =>
  meshed(scope, service) ? { appProtocol: protocolOf(scope, service, name) } : {}

/**
 * The names under which a workload is reached: one address for all pods, a headless twin with one record for each, and on the
 * embedded node a port of the node for callers from outside. Nothing for a workload without ports.
 */
export function servicesOf(construct: Construct, scope: ChartScope, service: string): void {
  const { namespace, entry, nodePort } = nodeOf(scope, service)
  const servicePorts = portsOf(scope, service).map(({ name, port: number, protocol }) => ({
    name,
    port: number,
    targetPort: k8s.IntOrString.fromString(name),
    protocol,
    ...appProtocol(scope, service, name),
  }))
  if (servicePorts.length === 0) return
  const selector = podLabels(service)
  new k8s.KubeService(construct, 'service', {
    metadata: { name: service, namespace, labels: selector },
    spec: { type: 'ClusterIP', selector, ports: servicePorts },
  })
  new k8s.KubeService(construct, 'headless', {
    metadata: { name: headless(service), namespace, labels: selector },
    // Pods find each other, and Prometheus finds them, before they are ready.
    spec: { type: 'ClusterIP', clusterIp: 'None', publishNotReadyAddresses: true, selector, ports: servicePorts },
  })
  inlets(construct, scope, service)
  if (!entry || nodePort === undefined || scope.context.cluster.kind !== 'embedded') return
  new k8s.KubeService(construct, 'entry', {
    metadata: { name: `${service}-entry`, namespace, labels: selector },
    spec: {
      type: 'NodePort',
      selector,
      ports: [
        {
          name: entry,
          port: port(scope, service, entry),
          targetPort: k8s.IntOrString.fromString(entry),
          nodePort,
          protocol: 'TCP',
        },
      ],
    },
  })
}

/**
 * Where senders that speak no HTTP reach the pods: ports of the node, or a load balancer that leaves TLS to the pods, because a sender is
 * known by its certificate. The embedded node tells the pod the sender's own address; so does a load balancer that targets pods.
 */
function inlets(construct: Construct, scope: ChartScope, service: string): void {
  const open = inletsOf(scope, service)
  const { cluster } = scope.context
  const embedded = cluster.kind === 'embedded'
  if (open.length === 0 || (!embedded && !cluster.entry)) return
  const { namespace } = nodeOf(scope, service)
  const ports = open.map(({ name, port: number, protocol, nodePort }) => ({
    name,
    port: number,
    targetPort: k8s.IntOrString.fromString(name),
    protocol,
    ...(embedded ? { nodePort } : {}),
  }))
  const selector = podLabels(service)
  new k8s.KubeService(construct, 'inlets', {
    metadata: {
      name: `${service}-inlets`,
      namespace,
      labels: selector,
      ...(embedded ? {} : { annotations: loadBalancer(scope) }),
    },
    spec: {
      type: embedded ? 'NodePort' : 'LoadBalancer',
      ...(embedded ? {} : { loadBalancerClass: 'service.k8s.aws/nlb', allocateLoadBalancerNodePorts: false }),
      externalTrafficPolicy: 'Local',
      selector,
      ports,
    },
  })
}

/** Its name may have 32 characters. */
function loadBalancer(scope: ChartScope): Record<string, string> {
  const key = (suffix: string): string => `service.beta.kubernetes.io/aws-load-balancer-${suffix}`
  return {
    [key('name')]: named(cloudScope(scope), 'inlets'),
    [key('scheme')]: 'internet-facing',
    [key('nlb-target-type')]: 'ip',
    [key('attributes')]: 'load_balancing.cross_zone.enabled=true,deletion_protection.enabled=true',
    [key('target-group-attributes')]: 'preserve_client_ip.enabled=true',
    [key('healthcheck-protocol')]: 'TCP',
  }
}

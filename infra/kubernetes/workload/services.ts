import { k8s } from 'cdk8s-plus-27'
import type { Construct } from 'constructs'
import type { PortName } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { protocolOf } from '../mesh/graph.ts'
import { headless, meshed, nodeOf, podLabels, port } from '../names.ts'

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
  const { namespace, ports, entry, nodePort } = nodeOf(scope, service)
  const servicePorts = Object.entries(ports).map(([name, number]) => ({
    name,
    port: number,
    targetPort: k8s.IntOrString.fromString(name),
    protocol: 'TCP',
    ...appProtocol(scope, service, name as PortName),
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

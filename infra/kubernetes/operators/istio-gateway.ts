import { named } from '../../aws/scope.ts'
import type { ChartScope } from '../context.ts'
import { cloudScope } from '../names.ts'
import { gatewayLabels } from '../workload/managed-network.ts'
import { istioNamespace, meshNetwork } from './istio-names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

interface GatewayPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number
}

export interface IstioGatewayValues extends Placed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Only of the gateway for other regions: the network that it leads into. */
  readonly networkGateway?: string
  readonly resources: Asked
  readonly autoscaling: { readonly enabled: true; readonly minReplicas: number; readonly maxReplicas: number }
  readonly podDisruptionBudget: { readonly maxUnavailable: number }
  readonly service: {
    readonly type: 'LoadBalancer'
    readonly loadBalancerClass: 'service.k8s.aws/nlb'
    readonly annotations: Readonly<Record<string, string>>
    readonly ports: readonly GatewayPort[]
  }
}

const health = { name: 'status-port', port: 15021, targetPort: 15021 }

/** Ports through which another region's mesh comes: pods, and the control plane's discovery. */
const crossNetwork: readonly GatewayPort[] = [
  health,
  { name: 'tls', port: 15443, targetPort: 15443 },
  { name: 'tls-istiod', port: 15012, targetPort: 15012 },
  { name: 'tls-webhook', port: 15017, targetPort: 15017 },
]

/** The load balancer asks a pod for its health directly: the world need not be able to. */
const callers: readonly GatewayPort[] = [{ name: 'https', port: 443, targetPort: 8443 }]

const loadBalancer = (scope: ChartScope, name: string, scheme: 'internal' | 'internet-facing') => {
  const key = (suffix: string): string => `service.beta.kubernetes.io/aws-load-balancer-${suffix}`
  return {
    [key('name')]: named(cloudScope(scope), name),
    [key('scheme')]: scheme,
    [key('nlb-target-type')]: 'ip',
    [key('attributes')]: 'load_balancing.cross_zone.enabled=true,deletion_protection.enabled=true',
    [key('healthcheck-port')]: `${health.port}`,
    [key('healthcheck-protocol')]: 'HTTP',
    [key('healthcheck-path')]: '/healthz/ready',
  }
}

/** The doors of a region's mesh: one for callers from outside, one for the other regions. */
export function istioGateways(scope: ChartScope): Release<IstioGatewayValues>[] {
  const door = (
    which: 'ingress' | 'eastwest',
    ports: readonly GatewayPort[],
    scheme: 'internal' | 'internet-facing',
    network?: string,
  ): Release<IstioGatewayValues> =>
    release(scope, 'istio-gateway', {
      name: `istio-${which}gateway`,
      namespace: istioNamespace,
      stage: 'operators',
      values: {
        name: `istio-${which}gateway`,
        labels: gatewayLabels(which),
        ...(network === undefined ? {} : { networkGateway: network }),
        resources: asks('500m', '512Mi'),
        autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9 },
        podDisruptionBudget: { maxUnavailable: 1 },
        service: {
          type: 'LoadBalancer',
          loadBalancerClass: 'service.k8s.aws/nlb',
          annotations: loadBalancer(scope, which, scheme),
          ports,
        },
        ...onSystem,
      },
    })
  return [door('ingress', callers, 'internet-facing'), door('eastwest', crossNetwork, 'internal', meshNetwork(scope))]
}

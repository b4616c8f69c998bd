import { named } from '../../aws/scope.ts'
import type { ChartScope } from '../context.ts'
import { cloudScope } from '../names.ts'
import { gatewayLabels } from '../workload/managed-network.ts'
import { istioNamespace, meshNetwork } from './istio-names.ts'
import { type Asked, asks, onGeneral, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

interface GatewayPort {
  readonly name: string
  readonly port: number
  readonly targetPort: number
}

type GatewayService =
  /** Behind the load balancer of an Ingress (mesh/gateways.ts), which has the firewall. */
  | { readonly type: 'ClusterIP'; readonly ports: readonly GatewayPort[] }
  | {
      readonly type: 'LoadBalancer'
      readonly loadBalancerClass: 'service.k8s.aws/nlb'
      readonly loadBalancerSourceRanges: readonly string[]
      readonly annotations: Readonly<Record<string, string>>
      readonly ports: readonly GatewayPort[]
    }

export interface IstioGatewayValues extends Placed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly podAnnotations: Readonly<Record<string, string>>
  /** Only of the gateway for other regions: the network that it leads into. */
  readonly networkGateway?: string
  readonly resources: Asked
  readonly autoscaling: { readonly enabled: true; readonly minReplicas: number; readonly maxReplicas: number }
  readonly podDisruptionBudget: { readonly maxUnavailable: number }
  readonly topologySpreadConstraints: readonly {
    readonly maxSkew: number
    readonly topologyKey: string
    readonly whenUnsatisfiable: 'DoNotSchedule'
    readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> }
  }[]
  readonly service: GatewayService
}

const health = { name: 'status-port', port: 15021, targetPort: 15021 }

/** The one port through which another region's pods come, told apart by the name in the handshake. */
const crossNetwork: readonly GatewayPort[] = [health, { name: 'tls', port: 15443, targetPort: 15443 }]

const callers: readonly GatewayPort[] = [health, { name: 'https', port: 8443, targetPort: 8443 }]

/** An internal load balancer; who may come is the network and those joined to it. */
function internal(scope: ChartScope, name: string): GatewayService {
  const { cluster } = scope.context
  const key = (suffix: string): string => `service.beta.kubernetes.io/aws-load-balancer-${suffix}`
  return {
    type: 'LoadBalancer',
    loadBalancerClass: 'service.k8s.aws/nlb',
    loadBalancerSourceRanges: cluster.kind === 'managed' ? [cluster.network, ...cluster.peers] : [],
    annotations: {
      [key('name')]: named(cloudScope(scope), name),
      [key('scheme')]: 'internal',
      [key('nlb-target-type')]: 'ip',
      [key('attributes')]: 'load_balancing.cross_zone.enabled=true,deletion_protection.enabled=true',
      [key('healthcheck-port')]: `${health.port}`,
      [key('healthcheck-protocol')]: 'HTTP',
      [key('healthcheck-path')]: '/healthz/ready',
    },
    ports: crossNetwork,
  }
}

type Own = Pick<IstioGatewayValues, 'service' | 'podAnnotations' | 'networkGateway'>

/** The doors of a region's mesh: one for callers from outside, one for the other regions. What they let through: mesh/gateways.ts. */
export function istioGateways(scope: ChartScope): Release<IstioGatewayValues>[] {
  const door = (which: 'ingress' | 'eastwest', own: Own): Release<IstioGatewayValues> => {
    const name = `istio-${which}gateway`
    const labels = gatewayLabels(which)
    return release(scope, 'istio-gateway', {
      name,
      namespace: istioNamespace,
      stage: 'operators',
      values: {
        name,
        labels,
        resources: asks('500m', '512Mi'),
        autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9 },
        podDisruptionBudget: { maxUnavailable: 1 },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: labels },
          },
        ],
        ...own,
        ...onGeneral,
      },
    })
  }
  // It stands behind one load balancer, and believes what that says of a caller's address.
  const behindOne = { 'proxy.istio.io/config': JSON.stringify({ gatewayTopology: { numTrustedProxies: 1 } }) }
  return [
    door('ingress', { service: { type: 'ClusterIP', ports: callers }, podAnnotations: behindOne }),
    door('eastwest', {
      service: internal(scope, 'eastwest'),
      podAnnotations: {},
      networkGateway: meshNetwork(scope),
    }),
  ]
}

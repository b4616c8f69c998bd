import { Construct } from 'constructs'
import { podsCalled, retries } from '../../../policies/calls.ts'
import type { CallPolicy } from '../../../policies/model/traffic.ts'
import type { ChartScope } from '../context.ts'
import { headless, nodeOf, port } from '../names.ts'
import { publicHosts } from './entry.ts'
import { type Failover, failovers } from './failover.ts'
import { called, crossesRegions, inside } from './graph.ts'
import { gatewayOf, hostOf } from './identity.ts'
import { meshObject } from './object.ts'

/** Which pods get calls, and how many at once. `failover`: which region stands in for which; default: as Istio sees near and far. */
export const toCallers = (policy: CallPolicy, failover: readonly Failover[] = []) => ({
  ...podsCalled(policy),
  loadBalancer: {
    simple: 'LEAST_REQUEST' as const,
    localityLbSetting: { enabled: true, ...(failover.length > 0 ? { failover: [...failover] } : {}) },
  },
})

/** How callers of a service behave when it is slow or fails, as `policies.traffic` says. */
export class Traffic extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'traffic')
    for (const [service, policy] of called(scope)) {
      this.#destination(scope, service, policy)
      this.#route(scope, service, policy)
    }
    for (const service of inside(scope)) this.#mutual(scope, service)
  }

  /**
   * Callers speak mutual TLS also where no policy is about them, and to single pods through the twin: left to itself Istio speaks plainly to
   * all pods of a twin as soon as one of them has no proxy, or while there is none.
   */
  #mutual(scope: ChartScope, service: string): void {
    const { namespace, ports } = nodeOf(scope, service)
    if (Object.keys(ports).length === 0 || service === scope.policies.traffic.canary.service) return
    const own = called(scope).some(([name]) => name === service) ? [] : [service]
    for (const name of [...own, headless(service)])
      meshObject(
        this,
        `${name}-mutual`,
        'DestinationRule',
        { name, namespace },
        {
          host: `${name}.${namespace}.svc.${scope.context.domain}`,
          trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
        },
      )
  }

  #destination(scope: ChartScope, service: string, policy: CallPolicy): void {
    const failover = crossesRegions(scope, service) ? failovers(scope) : []
    meshObject(
      this,
      `${service}-destination`,
      'DestinationRule',
      { name: service, namespace: nodeOf(scope, service).namespace },
      {
        host: hostOf(scope, service),
        trafficPolicy: {
          tls: { mode: 'ISTIO_MUTUAL' },
          ...toCallers(policy, failover),
        },
      },
    )
  }

  /** How long a request may take. Only at an entry do proxies see requests. */
  #route(scope: ChartScope, service: string, policy: CallPolicy): void {
    const { entry, namespace } = nodeOf(scope, service)
    if (!entry || policy.protocol !== 'http') return
    const host = hostOf(scope, service)
    const door = gatewayOf('ingress')
    meshObject(
      this,
      `${service}-route`,
      'VirtualService',
      { name: service, namespace },
      {
        hosts: [host, ...publicHosts(scope, service)],
        gateways: ['mesh', `${door.namespace}/${door.name}`],
        exportTo: ['*'],
        http: [
          {
            name: entry,
            route: [{ destination: { host, port: { number: port(scope, service, entry) } } }],
            timeout: policy.timeout,
            retries: retries(policy.retries, { pure: false }),
          },
        ],
      },
    )
  }
}

import { Construct } from 'constructs'
import type { PortName } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { nodeOf, podLabels, port } from '../names.ts'
import { istioNamespace } from '../operators/istio-names.ts'
import { edges, inside, namespaces } from './graph.ts'
import { clickhouseOperatorAccount, ingressPrincipal, principal, principalOf } from './identity.ts'
import { meshObject } from './object.ts'

/**
 * Controllers of others that call our pods, by the name of their namespace and their account. They are no nodes of the graph: an autoscaler asks
 * Prometheus, and the hot tier's operator asks its servers how they are.
 */
const controllers: Readonly<
  Record<string, readonly { readonly account: readonly [string, string]; readonly port: PortName }[]>
> = {
  prometheus: [{ account: ['keda', 'keda-operator'], port: 'https' }],
  clickhouse: [{ account: clickhouseOperatorAccount, port: 'clickhouse' }],
}

/**
 * Who may call whom: nobody without a certificate of the mesh, then nobody at all, then the edges of the service graph. A rule is by
 * service account and port, so that it holds for callers of every region.
 */
export class Access extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'access')
    meshObject(
      this,
      'strict',
      'PeerAuthentication',
      { name: 'default', namespace: istioNamespace },
      {
        mtls: { mode: 'STRICT' },
      },
    )
    // In the root namespace it holds for namespaces that nobody thought of.
    for (const namespace of [istioNamespace, ...namespaces(scope)])
      meshObject(this, `deny-${namespace}`, 'AuthorizationPolicy', { name: 'deny-all', namespace }, {})
    for (const service of inside(scope)) this.#allow(scope, service)
  }

  /** One policy for a service that anybody may call. */
  #allow(scope: ChartScope, service: string): void {
    const { namespace, entry, ports } = nodeOf(scope, service)
    const rule = (source: string, name: Parameters<typeof port>[2]) =>
      ({
        from: [{ source: { principals: [source] } }],
        to: [{ operation: { ports: [`${port(scope, service, name)}`] } }],
      }) as const
    const own = (controllers[service] ?? []).filter(({ port: name }) => ports[name] !== undefined)
    const rules = [
      ...(entry ? [rule(ingressPrincipal(scope), entry)] : []),
      ...edges(scope)
        .filter(({ to }) => to === service)
        .map((edge) => rule(principal(scope, edge.from), edge.port)),
      ...own.map(({ account, port: name }) => rule(principalOf(scope, ...account), name)),
    ]
    if (rules.length === 0) return
    meshObject(
      this,
      service,
      'AuthorizationPolicy',
      { name: service, namespace },
      {
        selector: { matchLabels: podLabels(service) },
        action: 'ALLOW',
        rules,
      },
    )
  }
}

import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf, podLabels, port } from '../names.ts'
import { edges, inside, namespaces } from './graph.ts'
import { ingressNamespace, ingressPrincipal, principal, rootNamespace } from './identity.ts'
import { meshObject } from './object.ts'

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
      { name: 'default', namespace: rootNamespace },
      {
        mtls: { mode: 'STRICT' },
      },
    )
    for (const namespace of [...namespaces(scope), ingressNamespace])
      meshObject(this, `deny-${namespace}`, 'AuthorizationPolicy', { name: 'deny-all', namespace }, {})
    for (const service of inside(scope)) this.#allow(scope, service)
  }

  /** One policy for a service that anybody may call. */
  #allow(scope: ChartScope, service: string): void {
    const { namespace, entry } = nodeOf(scope, service)
    const rule = (source: string, name: Parameters<typeof port>[2]) =>
      ({
        from: [{ source: { principals: [source] } }],
        to: [{ operation: { ports: [`${port(scope, service, name)}`] } }],
      }) as const
    const rules = [
      ...(entry ? [rule(ingressPrincipal(scope), entry)] : []),
      ...edges(scope)
        .filter(({ to }) => to === service)
        .map((edge) => rule(principal(scope, edge.from), edge.port)),
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

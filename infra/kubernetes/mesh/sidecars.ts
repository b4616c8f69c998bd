import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { headlessHost, inletsOf, nodeOf, podLabels, portsOf } from '../names.ts'
import { externalHosts } from './external.ts'
import { edges, entries, inside, namespaces, protocolOf } from './graph.ts'
import { hostOf } from './identity.ts'
import { meshObject } from './object.ts'
import { tracingHost } from './telemetry.ts'

/** The ports that a proxy stands before: a sender at an inlet is no member of the mesh. */
const meshPorts = (scope: ChartScope, service: string) => {
  const inlets = new Set(inletsOf(scope, service).map(({ name }) => name))
  return portsOf(scope, service).filter(({ name }) => !inlets.has(name))
}

/**
 * Where a proxy hands on what comes in. An entry's program listens on the loopback address, so that a pod without a proxy answers
 * nobody in the clear; its other ports are the pod's own.
 */
const inbound = (scope: ChartScope, service: string) =>
  meshPorts(scope, service).map(({ name, port: number }) => {
    const open = protocolOf(scope, service, name) === 'http'
    return {
      port: { number, name, protocol: open ? 'HTTP' : 'TCP' },
      defaultEndpoint: `${open ? '127.0.0.1' : '0.0.0.0'}:${number}`,
    }
  })

/** What a service's proxy may reach: the edges of the graph that begin there, what is outside, and where traces go. */
function reach(scope: ChartScope, service: string): string[] {
  const callees = new Set(edges(scope).flatMap(({ from, to }) => (from === service ? [to] : [])))
  const hosts = inside(scope)
    .filter((callee) => callees.has(callee))
    // Some ask each pod by its own name or address: those stand behind the twin.
    .flatMap((callee) =>
      [hostOf(scope, callee), headlessHost(scope, callee)].map((host) => `${nodeOf(scope, callee).namespace}/${host}`),
    )
  return [...hosts, ...externalHosts(scope, service), `*/${tracingHost(scope)}`]
}

/**
 * What proxies know of: a pod that nobody described reaches nothing, a service what the graph says. It also keeps each proxy's memory
 * independent of the size of the mesh.
 */
export class Sidecars extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'sidecars')
    const outboundTrafficPolicy = { mode: 'REGISTRY_ONLY' } as const
    for (const namespace of namespaces(scope))
      meshObject(
        this,
        namespace,
        'Sidecar',
        { name: 'default', namespace },
        {
          outboundTrafficPolicy,
          egress: [{ hosts: [`*/${tracingHost(scope)}`] }],
        },
      )
    for (const service of inside(scope)) {
      const { namespace, internet } = nodeOf(scope, service)
      meshObject(
        this,
        `service-${service}`,
        'Sidecar',
        { name: service, namespace },
        {
          workloadSelector: { labels: podLabels(service) },
          ...(entries(scope).includes(service) ? { ingress: inbound(scope, service) } : {}),
          // Whom a webhook calls, no registry knows; its network policy says where it may not lead.
          outboundTrafficPolicy: internet ? { mode: 'ALLOW_ANY' } : outboundTrafficPolicy,
          egress: [{ hosts: reach(scope, service) }],
        },
      )
    }
  }
}

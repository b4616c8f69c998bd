import type { Input } from '@pulumi/pulumi'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'
import { asText, derive } from '../output-resolver.ts'
import { edges, managed, namespaces, outside } from './graph.ts'
import { meshObject } from './object.ts'

/** The port on which MSK asks who a caller is by IAM. A fact of the vendor. */
const mskIamPort = 9098

/** A service of the cloud that proxies let through: TLS of the service's own, told apart by the name that is asked for. */
interface External {
  readonly service: string
  readonly host: Input<string>
  readonly port: number
  /** One address that the proxy looks up itself; else whatever the caller found, for a pattern of names. */
  readonly resolution: 'DNS' | 'NONE'
}

/** The brokers' names differ in their first part: 'b-1.x.kafka…:9098, …' is '*.x.kafka…'. */
const brokerNames = (brokers: string): string =>
  `*.${(brokers.split(',')[0] ?? '').trim().replace(/:\d+$/, '').split('.').slice(1).join('.')}`

/** The services that the cloud runs and that the graph leads to. */
export function externals(scope: ChartScope): readonly External[] {
  const { kafka, cache } = managed(scope)
  const found = {
    kafka: { host: derive([kafka], brokerNames), port: mskIamPort, resolution: 'NONE' },
    cache: { host: cache.host, port: cache.port, resolution: 'DNS' },
  } as const
  return Object.entries(outside).flatMap(([service, kind]) =>
    scope.policies.services[service] ? [{ service, ...found[kind] }] : [],
  )
}

/**
 * What is outside the mesh and may be reached from it; all else is refused (REGISTRY_ONLY). Only the namespaces of callers see it.
 * A proxy cannot look into it: the service of the cloud knows who calls.
 */
export class ExternalServices extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'external')
    for (const { service, host, port, resolution } of externals(scope)) {
      const callers = edges(scope).filter(({ from, to }) => to === service && outside[from] === undefined)
      const exportTo = namespaces(scope).filter((namespace) =>
        callers.some(({ from }) => nodeOf(scope, from).namespace === namespace),
      )
      if (exportTo.length === 0) continue
      meshObject(
        this,
        service,
        'ServiceEntry',
        { name: service, namespace: nodeOf(scope, service).namespace },
        {
          hosts: [asText(host)],
          location: 'MESH_EXTERNAL',
          resolution,
          exportTo: [...exportTo],
          ports: [{ number: port, name: `tls-${service}`, protocol: 'TLS' }],
        },
      )
    }
  }
}

import type { Input } from '@pulumi/pulumi'
import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { managedEngines, nodeOf } from '../names.ts'
import { asText, derive } from '../output-resolver.ts'
import { gpuMetrics, kafkaIamPort, keeperOf, needsRole } from '../workload/managed-network.ts'
import { edges, inside, managed } from './graph.ts'
import { meshObject } from './object.ts'

/** What is outside the mesh and may be called from it. */
export interface External {
  /** Name of its object. */
  readonly name: string
  readonly hosts: readonly Input<string>[]
  /** Where the hosts' own names lead nowhere. Default: none. */
  readonly addresses?: readonly string[]
  readonly port: number
  /** TLS of the service's own is told apart by the name that is asked for. */
  readonly protocol: 'TLS' | 'TCP'
  /** `DNS`: the proxy looks the address up itself. `NONE`: whatever the caller found, for a pattern of names. */
  readonly resolution: 'DNS' | 'NONE'
  readonly callers: readonly string[]
}

/** The brokers' names differ in their first part: 'b-1.x.kafka…:9098, …' is '*.x.kafka…'. */
const brokerNames = (brokers: string): string =>
  `*.${(brokers.split(',')[0] ?? '').trim().replace(/:\d+$/, '').split('.').slice(1).join('.')}`

type Engine = Pick<External, 'hosts' | 'port' | 'protocol' | 'resolution'>

/** The services that AWS runs for us. It is they who know their callers: by IAM, or by a password. */
function engines(scope: ChartScope): Readonly<Record<(typeof managedEngines)[number], Engine>> {
  const { kafka, cache } = managed(scope)
  return {
    kafka: { hosts: [derive([kafka], brokerNames)], port: kafkaIamPort, protocol: 'TLS', resolution: 'NONE' },
    redis: { hosts: [cache.host], port: cache.port, protocol: 'TLS', resolution: 'DNS' },
  }
}

/** Everything outside the mesh that services in it call. */
function externals(scope: ChartScope): readonly External[] {
  const { region } = scope.context
  const all = inside(scope)
  const callersOf = (service: string): readonly string[] =>
    all.filter((from) => edges(scope).some((edge) => edge.from === from && edge.to === service))
  const keepers = (what: 'backups' | 'models') => all.filter((service) => keeperOf[service] === what)
  const { models } = managed(scope)
  const roles = all.filter((service) => needsRole(scope, service))
  const found: readonly External[] = [
    ...managedEngines.map((name) => ({ name, ...engines(scope)[name], callers: callersOf(name) })),
    {
      name: 's3',
      hosts: [`s3.${region}.amazonaws.com`, `*.s3.${region}.amazonaws.com`],
      port: 443,
      protocol: 'TLS',
      resolution: 'NONE',
      callers: keepers('backups'),
    },
    // Models are fetched from their own bucket alone: another one's name is let through no proxy.
    ...(models
      ? [
          {
            name: 's3-models',
            hosts: [derive([models], (bucket) => `${bucket}.s3.${region}.amazonaws.com`)],
            port: 443,
            protocol: 'TLS',
            resolution: 'NONE',
            callers: keepers('models'),
          } as const,
        ]
      : []),
    {
      // The agent of EKS Pod Identity, on every machine.
      name: 'pod-identity',
      hosts: ['pod-identity.eks.internal'],
      addresses: ['169.254.170.23/32'],
      port: 80,
      protocol: 'TCP',
      resolution: 'NONE',
      callers: roles,
    },
  ]
  return found.filter(({ callers }) => callers.length > 0)
}

/** Where an external service's object stands: with the first of its callers. */
const namespaceOf = (scope: ChartScope, { callers }: External): string => nodeOf(scope, callers[0] as string).namespace

/** What a service's proxy must know of to reach what is outside, as Sidecars write it: namespace/host. */
export const externalHosts = (scope: ChartScope, service: string): readonly string[] => [
  ...externals(scope)
    .filter(({ callers }) => callers.includes(service))
    .flatMap((external) =>
      external.hosts.map((host) => asText(derive([host], (name) => `${namespaceOf(scope, external)}/${name}`))),
    ),
  // GPUs tell how they are in the clear, from a namespace without proxies.
  ...(service === 'prometheus'
    ? [`${gpuMetrics.namespace}/${gpuMetrics.name}.${gpuMetrics.namespace}.svc.${scope.context.domain}`]
    : []),
]

/** The objects by which proxies let it through; all else is refused (REGISTRY_ONLY). Only the namespaces of callers see them. */
export class ExternalServices extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'external')
    for (const external of externals(scope)) {
      const { name, hosts, addresses, port, protocol, resolution, callers } = external
      meshObject(
        this,
        name,
        'ServiceEntry',
        { name, namespace: namespaceOf(scope, external) },
        {
          hosts: hosts.map(asText),
          ...(addresses ? { addresses: [...addresses] } : {}),
          location: 'MESH_EXTERNAL',
          resolution,
          exportTo: [...new Set(callers.map((caller) => nodeOf(scope, caller).namespace))],
          ports: [{ number: port, name: `${protocol.toLowerCase()}-${name}`, protocol }],
        },
      )
    }
  }
}

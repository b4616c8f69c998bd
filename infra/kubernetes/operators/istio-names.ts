import type { ChartScope } from '../context.ts'

/** The mesh of an environment: one over all its regions. */
export const meshId = ({ environment }: ChartScope): string => `neurodefender-${environment}`

/** Name of this region's cluster and of its network in the mesh: pods of another network are reached through its gateway. */
export const meshNetwork = ({ context }: ChartScope): string => context.region

/** What every identity of the mesh begins with; the environments' differ, so that none believes the other. */
export function trustDomain({ environment, policies }: ChartScope): string {
  const domain = policies.cloud[environment]?.domain
  if (!domain) throw new RangeError(`cloud.${environment} has no domain.`)
  return domain
}

/** The mesh's name of the collector of traces, for Telemetry objects. */
export const tracingProvider = 'opentelemetry'

export const istioNamespace = 'istio-system'

/** Where proxies have their certificates signed. */
export const identityService = { name: 'cert-manager-istio-csr', namespace: 'cert-manager', port: 443 } as const

/** Proxies speak OTLP over gRPC at `port`, our programs over HTTPS at `programs`. */
export const collectorService = {
  name: 'opentelemetry-collector',
  namespace: 'telemetry',
  port: 4317,
  programs: 4318,
} as const

import type { PortName } from '../../../policies/model/service.ts'
import type { CallPolicy } from '../../../policies/model/traffic.ts'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { meshed, nodeOf, runsHere } from '../names.ts'

/** One edge of the service graph. */
export interface Edge {
  readonly from: string
  readonly to: string
  readonly port: PortName
}

/** The cluster as AWS has it. Throws RangeError for the local region's, which has no mesh. */
export function managed({ context }: ChartScope): ManagedCluster {
  if (context.cluster.kind !== 'managed') throw new RangeError('A mesh is for managed clusters alone.')
  return context.cluster
}

/** The services of the graph whose pods are part of the mesh. */
export const inside = (scope: ChartScope): readonly string[] =>
  Object.keys(scope.policies.services).filter((service) => runsHere(scope, service) && meshed(scope, service))

/** Namespaces that they are in. */
export const namespaces = (scope: ChartScope): readonly string[] => [
  ...new Set(inside(scope).map((service) => nodeOf(scope, service).namespace)),
]

/** Every edge, of every service. */
export const edges = ({ policies }: ChartScope): readonly Edge[] =>
  Object.entries(policies.services).flatMap(([from, { calls }]) =>
    calls.map((call) => ({ from, to: call.service, port: call.port })),
  )

/**
 * The services with a policy for their callers, in the mesh. The one with a canary belongs to its operator: an object has
 * one writer.
 */
export const called = (scope: ChartScope): readonly (readonly [service: string, policy: CallPolicy])[] =>
  Object.entries(scope.policies.traffic.calls).filter(
    ([service]) => service !== scope.policies.traffic.canary.service && inside(scope).includes(service),
  )

/** The services that answer callers from outside through the gateway: an entry, and a policy for its requests. */
export const entries = (scope: ChartScope): readonly string[] =>
  called(scope).flatMap(([service, { protocol }]) =>
    protocol === 'http' && nodeOf(scope, service).entry ? [service] : [],
  )

/**
 * Whether another region's pods answer when the region's own do not. At an entry DNS chooses the region, and a tenant is at home
 * in one: the mesh must not send it elsewhere behind its back.
 */
export const crossesRegions = (scope: ChartScope, service: string): boolean =>
  nodeOf(scope, service).entry === undefined && called(scope).some(([name]) => name === service)

/**
 * What proxies see on a port, and the `appProtocol` of its Service: requests at an entry, whose program leaves TLS to its proxy; elsewhere
 * TLS of the service's own, which passes as it is. See docs/decisions/0011-mesh-and-own-tls.md.
 */
export const protocolOf = (scope: ChartScope, service: string, port: PortName): 'http' | 'tls' =>
  nodeOf(scope, service).entry === port && entries(scope).includes(service) ? 'http' : 'tls'

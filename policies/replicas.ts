import type { Policies } from './bundle.ts'
import type { EnvironmentPolicy } from './model/environment.ts'
import { rowOf, serviceOf } from './model/scaling.ts'

/** How many pods a service may have, both included. */
export interface ReplicaBounds {
  readonly min: number
  readonly max: number
}

/**
 * The bounds of a service in an environment: of an engine its replication, of the correlation engine its shards, of a scaled service its
 * row, of any other one pod, but of the operator two where high availability binds.
 * Where high availability binds, a scaled service has two pods at least, whatever its row says.
 */
export function replicaBounds(policies: Policies, environment: EnvironmentPolicy, service: string): ReplicaBounds {
  const { kafka, clickhouse, redis } = environment
  const engines: Readonly<Record<string, { readonly replicas: number }>> = {
    kafka,
    clickhouse,
    redis,
    ...cloudEngines(policies, environment),
  }
  const engine = engines[service]
  if (engine) return { min: engine.replicas, max: engine.replicas }
  if (service === 'correlation-engine') {
    const shards = shardsOf(policies, environment)
    return { min: shards, max: shards }
  }
  // One leads and one waits.
  if (service === 'operator' && environment.binding.includes('high-availability')) return { min: 2, max: 2 }
  const row = policies.scaling[rowOf(service)]
  if (!row) return { min: 1, max: 1 }
  const { min_replicas, max_replicas } = row.actions
  const least = environment.binding.includes('high-availability') ? 2 : 1
  return { min: Math.max(min_replicas, least), max: Math.max(max_replicas, least) }
}

/** The bounds of every scaled service in an environment, by service. */
export const scaledBounds = (
  policies: Policies,
  environment: EnvironmentPolicy,
): Readonly<Record<string, ReplicaBounds>> =>
  Object.fromEntries(
    Object.keys(policies.scaling)
      .map(serviceOf)
      .map((service) => [service, replicaBounds(policies, environment, service)]),
  )

const nameOf = ({ environments }: Policies, environment: EnvironmentPolicy): string =>
  Object.keys(environments).find((key) => environments[key] === environment) ?? ''

/** Shards of an environment; one where the policy names none. */
const shardsOf = (policies: Policies, environment: EnvironmentPolicy): number =>
  policies.sharding.shards[nameOf(policies, environment)] ?? 1

/** Engines whose number stands with the cloud: Keeper's is that of the region which has most. */
function cloudEngines(policies: Policies, environment: EnvironmentPolicy) {
  const own = policies.cloud[nameOf(policies, environment)]
  if (!own) return {}
  const { keepers } = own.clickhouse
  return {
    keeper: { replicas: Math.max(keepers.primary, keepers.secondary, keepers.dr) },
    elasticsearch: { replicas: own.elasticsearch.nodes },
  }
}

import type { RegionPolicy } from '../../../../policies/model/region.ts'
import type { ChartScope } from '../../context.ts'

/** Name of the cluster that the operator is told of: the replicas of one region. */
export const regionCluster = 'region'

/**
 * The replicas of the hot tier as ClickHouse knows them, over all regions. A statement `ON CLUSTER` waits for every member of its group, so
 * the regions that are only behind are a group of their own.
 */
export type ReplicaGroup = 'hot' | 'hot_dr'

/** What the regions of the hot tier are to each other. */
interface Member {
  readonly region: string
  readonly role: RegionPolicy['role']
  readonly group: ReplicaGroup
}

/** All regions of the environment in their order. Those that a `sync` link joins are one group. */
export function members({ policies, policy }: ChartScope): Member[] {
  const sync = new Set(
    policies.links.flatMap(({ from, to, replication }) => (replication === 'sync' ? [from, to] : [])),
  )
  return policy.regions.flatMap((region) => {
    const role = policies.regions[region]?.role
    return role ? [{ region, role, group: role === 'primary' || sync.has(region) ? 'hot' : 'hot_dr' } as const] : []
  })
}

/** The group that this region's replicas belong to. */
export const groupOf = (scope: ChartScope): ReplicaGroup =>
  members(scope).find(({ region }) => region === scope.context.region)?.group ?? 'hot'

/** The private zone of a region's names that other regions can ask for. Records are made by external-dns, TLS names by cert-manager. */
export function internalDomain(
  { environment, policies }: Pick<ChartScope, 'environment' | 'policies'>,
  region: string,
): string {
  const domain = policies.cloud[environment]?.domain
  if (!domain) throw new RangeError(`cloud.${environment} has no domain.`)
  return `${region}.internal.${domain}`
}

/** What external-dns reads off a headless Service: each pod gets `<pod>.<hostname>`. */
export const hostnameAnnotation = (hostname: string): Record<string, string> => ({
  'external-dns.alpha.kubernetes.io/hostname': hostname,
  'external-dns.alpha.kubernetes.io/ttl': '15',
})

/** The pods that the operator makes of an installation, which is named after its region so that no two replicas have one name. */
const replicaPods = (scope: ChartScope, region: string): string[] =>
  Array.from({ length: scope.policy.clickhouse.replicas }, (_, i) => `chi-${region}-${regionCluster}-0-${i}-0`)

/** Full names of the replicas of a region, for callers anywhere. */
export const replicaHosts = (scope: ChartScope, region: string): string[] =>
  replicaPods(scope, region).map((pod) => `${pod}.${internalDomain(scope, region)}`)

/** One member of the quorum that coordinates the replicas. */
export interface KeeperMember {
  /** Unique in the quorum, and the same for ever: the region's place and the pod's. */
  readonly id: number
  readonly host: string
  readonly region: string
  /**
   * Who leads: a member of low priority only when nobody else can, for every write pays the leader's round trips. A member that may not
   * lead at all (`can_become_leader`) would not vote either, and the quorum would be four.
   */
  readonly priority: number
}

/** The whole quorum, the same list in every region. */
export function keeperMembers(scope: ChartScope): KeeperMember[] {
  const keepers = scope.policies.cloud[scope.environment]?.clickhouse.keepers
  if (!keepers) throw new RangeError(`cloud.${scope.environment} has no Keepers.`)
  return members(scope).flatMap(({ region, role, group }, place) =>
    Array.from({ length: keepers[role] }, (_, i) => ({
      id: (place + 1) * 10 + i,
      host: `keeper-${i}.${internalDomain(scope, region)}`,
      region,
      priority: group === 'hot' ? 100 : 1,
    })),
  )
}

import type { Policies } from './bundle.ts'
import type { Duration } from './model/units.ts'
import { milliseconds } from './model/units.ts'
import { type ReplicationEdge, replicationEdges } from './residency.ts'

/** How far a copy may be behind before somebody is called; what a lost region may cost at most. */
const behind = {
  /** MSK Replicator promises nothing; its lag is alarmed on. */
  topic: '5m',
  /** The service level of S3 Replication Time Control. Source: Amazon S3 SLA. */
  bucket: '15m',
  /** A ClickHouse replica that no quorum waits for; its queue is alarmed on. */
  'hot tier': '5m',
} as const satisfies Record<ReplicationEdge['what'], Duration>

/**
 * How long it takes at most until a copy is what callers read, once its region is to lead: a health check and a name for what answers in
 * both regions, an operator with the documented steps for the rest. Failover drills measure it.
 */
const usable = {
  topic: '30m',
  bucket: '30m',
  'hot tier': '10m',
} as const satisfies Record<ReplicationEdge['what'], Duration>

/** How far the copy at an edge's end may be behind, in milliseconds; a synchronous one is never. */
export const lagOf = ({ what, replication }: ReplicationEdge): number =>
  replication === 'sync' ? 0 : milliseconds(behind[what])

/** What keeps data of a class, by its name in the policies. */
function storesOf({ buckets, storage, topics }: Policies, dataClass: string): readonly string[] {
  return [
    ...Object.entries(topics).flatMap(([name, topic]) => (topic.dataClass === dataClass ? [`topics.${name}`] : [])),
    ...(storage.hot.dataClass === dataClass ? ['storage.hot'] : []),
    ...Object.entries(buckets).flatMap(([name, bucket]) => (bucket.dataClass === dataClass ? [`buckets.${name}`] : [])),
  ]
}

const pathOf = ({ what, name }: ReplicationEdge): string =>
  what === 'topic' ? `topics.${name}` : what === 'bucket' ? `buckets.${name}` : 'storage.hot'

/** What one store of a class loses at most with the region that leads: its copy that is the least behind. None: undefined. */
export interface Recovery {
  readonly dataClass: string
  readonly store: string
  readonly to?: string
  /** Milliseconds. */
  readonly lag?: number
  /** Milliseconds until that copy serves. */
  readonly until?: number
}

/** For every store of every data class, the best copy outside the region that leads. */
export function recoveries(policies: Policies, environment: string): readonly Recovery[] {
  const names = policies.environments[environment]?.regions ?? []
  const primary = names.find((name) => policies.regions[name]?.role === 'primary')
  const edges = replicationEdges(policies, environment).filter(({ from }) => from === primary)
  return Object.keys(policies.objectives.dataClasses).flatMap((dataClass) =>
    storesOf(policies, dataClass).map((store): Recovery => {
      const [best] = edges
        .filter((edge) => edge.dataClass === dataClass && pathOf(edge) === store)
        .sort((a, b) => lagOf(a) - lagOf(b))
      return best
        ? { dataClass, store, to: best.to, lag: lagOf(best), until: milliseconds(usable[best.what]) }
        : { dataClass, store }
    }),
  )
}

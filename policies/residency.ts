import type { Policies } from './bundle.ts'
import type { Jurisdiction, RegionLink } from './model/region.ts'

/** One way that data of a class takes from one region to another. */
export interface ReplicationEdge {
  readonly dataClass: string
  readonly what: 'topic' | 'bucket' | 'hot tier'
  /** Name of the topic, key of the bucket, or name of the hot tier's table. */
  readonly name: string
  readonly from: string
  readonly to: string
  /** `sync`: acknowledged by both. Topics and buckets are always behind. */
  readonly replication: RegionLink['replication']
}

/** An edge that the links ask for and the data class forbids. */
export interface ForbiddenEdge extends ReplicationEdge {
  readonly jurisdiction: Jurisdiction
  readonly allowed: readonly Jurisdiction[]
}

/** Everything that the links between an environment's regions would carry, allowed or not. */
function wanted({ buckets, environments, links, regions, storage, topics }: Policies, environment: string) {
  const own = environments[environment]?.regions ?? []
  return links
    .filter(({ from, to }) => own.includes(from) && own.includes(to))
    .flatMap(({ from, to, replication }): ReplicationEdge[] => {
      const { database, table, dataClass } = storage.hot
      // Kafka is copied to where nothing is acknowledged; the secondary has a stream of its own.
      const copied = regions[to]?.role === 'dr' ? Object.entries(topics) : []
      return [
        { dataClass, what: 'hot tier', name: `${database}.${table}`, from, to, replication },
        ...copied.map(
          ([name, topic]): ReplicationEdge => ({
            dataClass: topic.dataClass,
            what: 'topic',
            name,
            from,
            to,
            replication: 'async',
          }),
        ),
        ...Object.entries(buckets)
          .filter(([, bucket]) => bucket.replicated)
          .map(
            ([name, bucket]): ReplicationEdge => ({
              dataClass: bucket.dataClass,
              what: 'bucket',
              name,
              from,
              to,
              replication: 'async',
            }),
          ),
      ]
    })
}

const judged = (policies: Policies, environment: string) =>
  wanted(policies, environment).map((edge) => {
    const allowed = policies.objectives.dataClasses[edge.dataClass]?.jurisdictions ?? []
    const jurisdiction = policies.regions[edge.to]?.jurisdiction
    return { edge, allowed, jurisdiction, legal: jurisdiction !== undefined && allowed.includes(jurisdiction) }
  })

/** The edges that the environment's regions are joined by: those of the links whose data class may lie where they end. */
export const replicationEdges = (policies: Policies, environment: string): readonly ReplicationEdge[] =>
  judged(policies, environment).flatMap(({ edge, legal }) => (legal ? [edge] : []))

/** What the links ask for and the law of the data class does not let through: no stack makes it, and a check names it. */
export const forbiddenEdges = (policies: Policies, environment: string): readonly ForbiddenEdge[] =>
  judged(policies, environment).flatMap(({ edge, legal, jurisdiction, allowed }) =>
    legal || !jurisdiction ? [] : [{ ...edge, jurisdiction, allowed }],
  )

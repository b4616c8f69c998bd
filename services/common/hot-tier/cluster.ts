import type { EnvReader } from '../config/reader.ts'

/** A hot tier of several replicas, each with all of the table. */
export interface HotTierCluster {
  /** As `system.clusters` names it. */
  readonly name: string
  /** How many replicas have a block before its insert is confirmed: two at least, for what one shows it may still drop. */
  readonly insertQuorum: number
  /** Where each replica answers by itself; all of them. */
  readonly replicas: readonly URL[]
}

/** What stands in SQL between quotes. */
const clusterName = /^[a-z_][a-z0-9_-]{0,62}$/

/**
 * ND_CLICKHOUSE_CLUSTER, ND_CLICKHOUSE_REPLICAS (a comma list of https URLs, one of each replica), ND_CLICKHOUSE_INSERT_QUORUM. Undefined
 * without the first: one server, as in a local region.
 */
export function hotTierCluster(env: EnvReader): HotTierCluster | undefined {
  const name = env.text('ND_CLICKHOUSE_CLUSTER', '')
  if (name === '') return undefined
  if (!clusterName.test(name))
    env.problems.push(
      `ND_CLICKHOUSE_CLUSTER is '${name}'; it must hold lower case letters, digits, '_' and '-', and not begin with a digit.`,
    )
  const replicas = env.urls('ND_CLICKHOUSE_REPLICAS', ['https:'])
  const hosts = new Set(replicas.map(({ host }) => host))
  if (hosts.size < replicas.length) env.problems.push('ND_CLICKHOUSE_REPLICAS names a replica twice.')
  const insertQuorum = env.integer('ND_CLICKHOUSE_INSERT_QUORUM', { min: 2, max: Math.max(2, replicas.length) })
  return { name, insertQuorum, replicas }
}

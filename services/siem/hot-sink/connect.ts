import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import type { StoragePolicy } from '../../../policies/model/storage.ts'
import { createAlertStatements } from '../../common/hot-tier/alerts.ts'
import type { HotTierCluster } from '../../common/hot-tier/cluster.ts'
import { createStatements, upgradeOf } from '../../common/hot-tier/schema.ts'
import { alerts } from './alerts.ts'
import { ClickHouseHotTier, events, type HotTier } from './hot-tier.ts'
import { ReplicatedHotTier } from './replicated-hot-tier.ts'

/** Servers without an answer for so long are left out of a statement for the whole cluster; they do it when they are back. */
const everywhereWithinSeconds = 10

/** How statements that make the table are run on all replicas: whoever is away does not hold up the others. */
const createSettings: ClickHouseSettings = {
  distributed_ddl_task_timeout: String(everywhereWithinSeconds),
  distributed_ddl_output_mode: 'null_status_on_timeout',
}

/**
 * How a block is inserted: as one part under its token, and confirmed when a quorum has it. Quorums go side by side, because the engine refuses
 * a second insert into the table while one that is not `parallel` waits for its quorum.
 */
const insertSettings = (quorum: number, timeoutMs: number): ClickHouseSettings => ({
  insert_quorum: String(quorum),
  insert_quorum_parallel: 1,
  insert_quorum_timeout: timeoutMs,
  insert_deduplicate: 1,
  async_insert: 0,
})

export interface ConnectOptions {
  readonly client: (url: URL) => ClickHouseClient
  /** Where inserts go: a server, or whichever replica answers there. */
  readonly url: URL
  readonly cluster: HotTierCluster | undefined
  /** Stands in the tokens of a table that several regions write. */
  readonly region: string
  readonly hot: StoragePolicy['hot']
  readonly quorumTimeoutMs: number
}

/** What is stored in the hot tier, and what makes its table. */
const kinds = {
  events: { table: events, create: createStatements, upgrade: upgradeOf },
  alerts: {
    table: alerts,
    // The database may be missing as well.
    create: (hot: StoragePolicy['hot'], cluster?: HotTierCluster) => [
      ...createStatements(hot, cluster).slice(0, 1),
      ...createAlertStatements(hot, cluster),
    ],
    upgrade: undefined,
  },
} as const

/** The hot tier as the configuration says, one server or a cluster of replicas, with one of its tables. */
export function connectHotTier(options: ConnectOptions, kind: keyof typeof kinds = 'events'): HotTier {
  const { client, url, cluster, region, hot, quorumTimeoutMs } = options
  const { table, create, upgrade } = kinds[kind]
  const made = {
    client: client(url),
    table,
    createStatements: create(hot, cluster),
    ...(upgrade ? { upgrade: upgrade(hot, cluster) } : {}),
  }
  if (cluster === undefined) return new ClickHouseHotTier(made)
  return new ReplicatedHotTier({
    writer: new ClickHouseHotTier({
      ...made,
      createSettings,
      insertSettings: insertSettings(cluster.insertQuorum, quorumTimeoutMs),
      tokenPrefix: `${region}/`,
    }),
    replicas: cluster.replicas.map(
      (replica) => new ClickHouseHotTier({ client: client(replica), table, parts: true, createStatements: [] }),
    ),
    quorum: cluster.insertQuorum,
  })
}

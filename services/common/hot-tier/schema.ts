import type { StoragePolicy } from '../../../policies/model/storage.ts'
import { seconds } from '../../../policies/model/units.ts'
import { storage, topics } from '../../../policies/storage.ts'
import type { HotTierCluster } from './cluster.ts'

/** The columns of an event in the hot tier and their ClickHouse types, in the order in which blocks carry them. */
export const columns = {
  tenant: 'LowCardinality(String)',
  /** When the collector had it: age counts from here. */
  arrival: "DateTime64(3, 'UTC')",
  /** When it happened, as the event says; its arrival where it says nothing readable. */
  time: "DateTime64(3, 'UTC')",
  batch: 'String',
  line: 'UInt32',
  channel: 'LowCardinality(String)',
  code: 'LowCardinality(String)',
  provider: 'LowCardinality(String)',
  host: 'LowCardinality(String)',
  /** The event's bytes as they were sent. */
  raw: 'String',
} as const

export type ColumnName = keyof typeof columns

/** Columns that the engine makes of others when it is asked for them. */
export const aliases = { event_id: "concat(tenant, '/', batch, '/', toString(line))" } as const

type Hot = StoragePolicy['hot']

const partitionKeys = { day: 'toYYYYMMDD(arrival)', month: 'toYYYYMM(arrival)' } as const satisfies Record<
  Hot['partitionBy'],
  string
>

/** The table as SQL names it. */
export const eventsTable = `${storage.hot.database}.${storage.hot.table}`

/** The value of the partition key at a time of arrival, milliseconds since the epoch: rows with equal values share a partition. */
export function partitionAt(arrival: number, { partitionBy }: Pick<Hot, 'partitionBy'> = storage.hot): string {
  const date = new Date(arrival).toISOString()
  return (partitionBy === 'day' ? date.slice(0, 10) : date.slice(0, 7)).replaceAll('-', '')
}

/** How long Kafka can bring a record again, seconds: no token need be remembered for longer, and none is forgotten sooner by its age. */
const deduplicationSeconds = seconds(topics['events.raw'].retention)

/** A server's own table, or one of the replicas of a table that Keeper knows by this path. */
function engineOf({ database, table, deduplicationWindow }: Hot, cluster: HotTierCluster | undefined) {
  if (cluster === undefined)
    return { name: 'MergeTree', settings: [`non_replicated_deduplication_window = ${deduplicationWindow}`] }
  return {
    name: `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${table}', '{replica}')`,
    settings: [
      `replicated_deduplication_window = ${deduplicationWindow}`,
      `replicated_deduplication_window_seconds = ${deduplicationSeconds}`,
    ],
  }
}

/**
 * What makes database and table where they are missing; safe to repeat. Rows are sorted for questions about a tenant's time; the projection
 * finds them by identity. The engine remembers the tokens of that many blocks, and a block is on disk before it is confirmed. With a cluster:
 * on every replica; `{shard}` and `{replica}` are the servers' own macros.
 * @see https://clickhouse.com/docs/operations/settings/merge-tree-settings#non_replicated_deduplication_window
 */
export function createStatements(hot: Hot = storage.hot, cluster?: HotTierCluster): readonly string[] {
  const { database, table, partitionBy } = hot
  const fields = [
    ...Object.entries(columns).map(([name, type]) => `${name} ${type}${name === 'raw' ? ' CODEC(ZSTD(1))' : ''}`),
    ...Object.entries(aliases).map(([name, sql]) => `${name} String ALIAS ${sql}`),
    'PROJECTION identity (SELECT tenant, batch, line ORDER BY tenant, batch, line)',
  ]
  const engine = engineOf(hot, cluster)
  const everywhere = cluster === undefined ? '' : ` ON CLUSTER '${cluster.name}'`
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}${everywhere}`,
    [
      `CREATE TABLE IF NOT EXISTS ${database}.${table}${everywhere} (${fields.join(', ')})`,
      `ENGINE = ${engine.name} PARTITION BY ${partitionKeys[partitionBy]} ORDER BY (tenant, time, batch, line)`,
      `SETTINGS ${[...engine.settings, 'fsync_after_insert = 1', 'fsync_part_directory = 1'].join(', ')}`,
    ].join(' '),
  ]
}

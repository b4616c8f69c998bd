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
  /** From here on as OCSF names them, flat: services/common/ocsf/event.ts. */
  class_uid: 'UInt32',
  activity_id: 'UInt8',
  severity_id: 'UInt8',
  status_id: 'UInt8',
  actor_user: 'LowCardinality(String)',
  target_user: 'LowCardinality(String)',
  process: 'LowCardinality(String)',
  src_ip: 'LowCardinality(String)',
  src_port: 'UInt16',
  src_host: 'LowCardinality(String)',
  dst_ip: 'LowCardinality(String)',
  dst_port: 'UInt16',
  dst_host: 'LowCardinality(String)',
  /** The event's bytes as they were sent. */
  raw: 'String',
} as const

export type ColumnName = keyof typeof columns

/** Columns that the engine makes of others when it is asked for them. */
export const aliases = {
  event_id: { type: 'String', sql: "concat(tenant, '/', batch, '/', toString(line))" },
  category_uid: { type: 'UInt8', sql: 'toUInt8(intDiv(class_uid, 1000) % 100)' },
  type_uid: { type: 'UInt64', sql: 'toUInt64(class_uid) * 100 + activity_id' },
} as const

/** The begin of an event's hour, milliseconds since the epoch. The engine knows a projection's key by its text: questions use this one. */
export const hourSql = 'toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 3600000)'

/** Counts of every tenant's hours, kept with the rows: projection → what else it counts by. */
export const hourlyProjections = {
  hourly: ['channel', 'code', 'provider'],
  hourly_host: ['host'],
} as const satisfies Record<string, readonly ColumnName[]>

/** What is kept with the rows of each part, by name: small, and answers without the rows. */
const projections: Readonly<Record<string, string>> = {
  // How much there is of a tenant, and until when: another answer means that it has other data.
  freshness: 'SELECT tenant, count(), max(arrival) GROUP BY tenant',
  ...Object.fromEntries(
    Object.entries(hourlyProjections).map(([name, by]) => {
      const keys = ['tenant', hourSql, ...by].join(', ')
      return [name, `SELECT ${keys}, count() GROUP BY ${keys}`]
    }),
  ),
}

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
export function engineOf({ database, table, deduplicationWindow }: Hot, cluster: HotTierCluster | undefined) {
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
 * Finds the parts that may have a batch (docs/hot-tier.md, step 2). A Bloom filter of 24 bits for each batch of 131,072 rows: a batch that is not
 * there, as nearly all that are asked for, costs a few probes and reads nothing. A projection by identity would cost four times as much at
 * each insert, and be read in as many places as batches are asked for, since senders choose their ids at random.
 */
const batchIndex = 'batches batch TYPE bloom_filter(0.00001) GRANULARITY 16'

/** Settings of a table beside those of its engine. */
export function tableSettings(cluster: HotTierCluster | undefined): string {
  const settings = {
    // A block is on disk before it is confirmed.
    fsync_after_insert: 1,
    fsync_part_directory: 1,
    // Merges wait for more parts than by default (5): each row is written again a third as often, for some dozen parts more that a question opens.
    merge_selector_base: 15,
    // A projection costs an insert as much as half a block does, whatever it holds. Merges make it; questions read parts without it as they are.
    // The version of ClickHouse that the clusters run (policies/images.ts) does not know these settings yet.
    ...(cluster === undefined ? { materialize_projections_on_insert: 0, materialize_projections_on_merge: 1 } : {}),
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')
}

export const everywhere = (cluster: HotTierCluster | undefined): string =>
  cluster === undefined ? '' : ` ON CLUSTER '${cluster.name}'`

const aliasesSql = Object.entries(aliases).map(([name, { type, sql }]) => `${name} ${type} ALIAS ${sql}`)

const columnSql = (name: string, type: string): string => `${name} ${type}${name === 'raw' ? ' CODEC(ZSTD(1))' : ''}`

/**
 * What makes database and table where they are missing; safe to repeat. Rows are sorted for questions about a tenant's time. The engine
 * remembers the tokens of that many blocks. With a cluster: on every replica; `{shard}` and `{replica}` are the servers' own macros.
 * @see https://clickhouse.com/docs/operations/settings/merge-tree-settings#non_replicated_deduplication_window
 */
export function createStatements(hot: Hot = storage.hot, cluster?: HotTierCluster): readonly string[] {
  const { database, table, partitionBy } = hot
  const fields = [
    ...Object.entries(columns).map(([name, type]) => columnSql(name, type)),
    ...aliasesSql,
    `INDEX ${batchIndex}`,
    ...Object.entries(projections).map(([name, sql]) => `PROJECTION ${name} (${sql})`),
  ]
  const engine = engineOf(hot, cluster)
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}${everywhere(cluster)}`,
    [
      `CREATE TABLE IF NOT EXISTS ${database}.${table}${everywhere(cluster)} (${fields.join(', ')})`,
      `ENGINE = ${engine.name} PARTITION BY ${partitionKeys[partitionBy]} ORDER BY (tenant, time, batch, line)`,
      `SETTINGS ${[...engine.settings, tableSettings(cluster)].join(', ')}`,
    ].join(' '),
  ]
}

/** How a table of an earlier version becomes one of this version. */
export interface Upgrade {
  /** Answers one row `{"outdated": 0 | 1}`. */
  readonly check: string
  /** In order; safe to repeat. */
  readonly statements: readonly string[]
}

/**
 * Brings a table of an earlier version up to this one: the columns and the index that it lacks, and without the projection that did the index's
 * work. Only metadata, but for the parts that are there already: they get their index, and lose their projection, in the background; until
 * then the look-up is slower in them. The projection goes last, and is asked for by the check: whoever is killed before begins again.
 */
export function upgradeOf(hot: Hot = storage.hot, cluster?: HotTierCluster): Upgrade {
  const { database, table } = hot
  const stored = Object.keys(columns)
  const names = [...stored, ...Object.keys(aliases)]
  const own = `database = '${database}' AND`
  const alter = `ALTER TABLE ${database}.${table}${everywhere(cluster)}`
  // After the column before it, so that columns stand in one order wherever the table was made.
  const missing = stored.map(
    (name, i) =>
      `ADD COLUMN IF NOT EXISTS ${columnSql(name, columns[name as ColumnName])}${i > 0 ? ` AFTER ${stored[i - 1]}` : ' FIRST'}`,
  )
  missing.push(...aliasesSql.map((alias) => `ADD COLUMN IF NOT EXISTS ${alias}`))
  return {
    check: [
      `SELECT toUInt8((SELECT count() FROM system.columns WHERE ${own} table = '${table}' AND name IN (${names.map((name) => `'${name}'`).join(', ')})) < ${names.length}`,
      `OR (SELECT count() FROM system.tables WHERE ${own} name = '${table}' AND (position(create_table_query, 'PROJECTION identity') > 0`,
      `OR ${Object.keys(projections)
        .map((name) => `position(create_table_query, 'PROJECTION ${name} ') = 0`)
        .join(' OR ')})) > 0) AS outdated`,
    ].join(' '),
    statements: [
      `${alter} ${missing.join(', ')}`,
      `${alter} ADD INDEX IF NOT EXISTS ${batchIndex}`,
      // Parts that are there already do without: a question reads their rows.
      ...Object.entries(projections).map(([name, sql]) => `${alter} ADD PROJECTION IF NOT EXISTS ${name} (${sql})`),
      `${alter} MODIFY SETTING ${tableSettings(cluster)}`,
      `${alter} MATERIALIZE INDEX batches`,
      `${alter} DROP PROJECTION IF EXISTS identity`,
    ],
  }
}

import type { StoragePolicy } from '../../../policies/model/storage.ts'
import { storage } from '../../../policies/storage.ts'

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

/**
 * What makes database and table where they are missing; safe to repeat. Rows are sorted for questions about a tenant's time; the projection
 * finds them by identity. The engine remembers the tokens of that many blocks, and a block is on disk before it is confirmed.
 * @see https://clickhouse.com/docs/operations/settings/merge-tree-settings#non_replicated_deduplication_window
 */
export function createStatements(hot: Hot = storage.hot): readonly string[] {
  const { database, table, partitionBy, deduplicationWindow } = hot
  const fields = [
    ...Object.entries(columns).map(([name, type]) => `${name} ${type}${name === 'raw' ? ' CODEC(ZSTD(1))' : ''}`),
    ...Object.entries(aliases).map(([name, sql]) => `${name} String ALIAS ${sql}`),
    'PROJECTION identity (SELECT tenant, batch, line ORDER BY tenant, batch, line)',
  ]
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}`,
    [
      `CREATE TABLE IF NOT EXISTS ${database}.${table} (${fields.join(', ')})`,
      `ENGINE = MergeTree PARTITION BY ${partitionKeys[partitionBy]} ORDER BY (tenant, time, batch, line)`,
      `SETTINGS non_replicated_deduplication_window = ${deduplicationWindow}, fsync_after_insert = 1, fsync_part_directory = 1`,
    ].join(' '),
  ]
}

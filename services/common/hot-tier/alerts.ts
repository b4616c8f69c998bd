import type { StoragePolicy } from '../../../policies/model/storage.ts'
import { storage } from '../../../policies/storage.ts'
import type { HotTierCluster } from './cluster.ts'
import { engineOf, everywhere, tableSettings } from './schema.ts'

/** The columns of an alert in the hot tier and their ClickHouse types, in the order in which blocks carry them. */
export const alertColumns = {
  tenant: 'LowCardinality(String)',
  /** When the last of its events happened. */
  time: "DateTime64(3, 'UTC')",
  /** When the first of its events happened. */
  start: "DateTime64(3, 'UTC')",
  /** When the engine made it: age counts from here. */
  detected: "DateTime64(3, 'UTC')",
  /** Its id, unique within a tenant. */
  alert: 'String',
  /** The Sigma rule's id. */
  rule: 'LowCardinality(String)',
  title: 'LowCardinality(String)',
  /** Who wrote the rule. */
  author: 'LowCardinality(String)',
  level: 'LowCardinality(String)',
  /** 'rule' or 'correlation'. */
  kind: 'LowCardinality(String)',
  /** As the rule has them: 'attack.t1059'. */
  tags: 'Array(LowCardinality(String))',
  /** What its events have in common: a JSON object of field and value, '{}' for a plain rule. */
  group_values: 'String',
  /** How many events made it. */
  hits: 'UInt32',
  /** Its evidence: events of the same tenant, the latest; not all where there are many. */
  events: 'Array(Tuple(batch String, line UInt32))',
} as const

export type AlertColumnName = keyof typeof alertColumns

const table = 'alerts'

/** The table as SQL names it. */
export const alertsTable = `${storage.hot.database}.${table}`

type Hot = StoragePolicy['hot']

/**
 * What makes the table of alerts where it is missing, in a database that is there; safe to repeat. The index finds an alert by its id, for
 * the sink's look-up and for questions.
 */
export function createAlertStatements(hot: Hot = storage.hot, cluster?: HotTierCluster): readonly string[] {
  const engine = engineOf({ ...hot, table }, cluster)
  const fields = [
    ...Object.entries(alertColumns).map(([name, type]) => `${name} ${type}`),
    'INDEX ids alert TYPE bloom_filter(0.00001) GRANULARITY 16',
    'PROJECTION freshness (SELECT tenant, count(), max(detected) GROUP BY tenant)',
  ]
  return [
    [
      `CREATE TABLE IF NOT EXISTS ${hot.database}.${table}${everywhere(cluster)} (${fields.join(', ')})`,
      `ENGINE = ${engine.name} PARTITION BY toYYYYMMDD(detected) ORDER BY (tenant, time, alert)`,
      `SETTINGS ${[...engine.settings, tableSettings(cluster)].join(', ')}`,
    ].join(' '),
  ]
}

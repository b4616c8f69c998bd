import { type Fixture, object } from '../../../testing/fixture.ts'

const sql = (ttl: string) => [
  object('v1', 'ConfigMap', 'data/schema', {
    data: { 'events.sql': `CREATE TABLE events (at DateTime) ENGINE = MergeTree ORDER BY at ${ttl};` },
  }),
]
const lifecycle = (phases: object) => [
  object('elasticsearch.example/v1', 'IndexLifecyclePolicy', 'data/warm', { spec: { policy: { phases } } }),
]
const json = (phases: object) => [
  object('v1', 'ConfigMap', 'data/ilm', { data: { 'policy.json': JSON.stringify({ phases }) } }),
]
const warm = { min_age: '7d', actions: { readonly: {} } }
const gone = { min_age: '90d', actions: { delete: {} } }

export const fixture: Fixture = {
  good: [sql(''), sql("TTL at + INTERVAL 30 DAY TO VOLUME 'cold'"), lifecycle({ warm }), json({ warm })],
  bad: [
    {
      resources: sql('TTL at + INTERVAL 30 DAY'),
      says: ["There should be no TTL of ClickHouse that deletes: only the tier mover's ledger deletes data."],
    },
    {
      resources: sql('TTL at + toIntervalDay(30) DELETE'),
      says: ["There should be no TTL of ClickHouse that deletes: only the tier mover's ledger deletes data."],
    },
    {
      resources: lifecycle({ warm, delete: gone }),
      says: ["There should be no delete phase of Elasticsearch: only the tier mover's ledger deletes data."],
    },
    {
      resources: json({ warm, delete: gone }),
      says: ["There should be no delete phase of Elasticsearch: only the tier mover's ledger deletes data."],
    },
  ],
}

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { storage } from '../../../policies/storage.ts'
import { type Alert, encodeAlert } from '../../common/alerts/alert.ts'
import { encodeRecord } from '../../common/codec/record.ts'
import { alertsTable } from '../../common/hot-tier/alerts.ts'
import { aliases, columns, eventsTable } from '../../common/hot-tier/schema.ts'
import { until } from '../../common/testing/processes.ts'
import { alertContent } from './alerts.ts'
import { connectHotTier } from './connect.ts'
import { type EventRecord, readRecord } from './record.ts'
import { blockRows } from './rows.ts'
import { type LocalEngine, startEngine } from './testing/engine.ts'

/** The table as the first version made it. */
const firstVersion = `CREATE TABLE siem.events (tenant LowCardinality(String), arrival DateTime64(3, 'UTC'), time DateTime64(3, 'UTC'), batch String,
  line UInt32, channel LowCardinality(String), code LowCardinality(String), provider LowCardinality(String), host LowCardinality(String),
  raw String CODEC(ZSTD(1)), event_id String ALIAS concat(tenant, '/', batch, '/', toString(line)),
  PROJECTION identity (SELECT tenant, batch, line ORDER BY tenant, batch, line))
  ENGINE = MergeTree PARTITION BY toYYYYMMDD(arrival) ORDER BY (tenant, time, batch, line)
  SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`

const never = new AbortController().signal
let engine: LocalEngine

before(async () => {
  engine = await startEngine(new URL('../../../infra/local/clickhouse/main.ts', import.meta.url))
})
after(() => engine?.stop())

const rows = async <T>(query: string): Promise<T[]> =>
  (await engine.client.query({ query, format: 'JSONEachRow' })).json<T>()
const tier = (kind?: 'alerts') =>
  connectHotTier(
    {
      client: () => engine.client,
      url: new URL('https://127.0.0.1'),
      cluster: undefined,
      region: 'local',
      hot: storage.hot,
      quorumTimeoutMs: 1_000,
    },
    kind,
  )

test('a table of the first version keeps its rows, takes new blocks, and its old rows are found by id', async () => {
  await engine.client.command({ query: 'CREATE DATABASE siem' })
  await engine.client.command({ query: firstVersion })
  const old = `INSERT INTO siem.events (tenant, arrival, time, batch, line, channel, code, provider, host, raw) VALUES
    ('acme', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'old', 7, 'Security', '4688', 'p', 'h', '{"a":1}')`
  await engine.client.command({ query: old })
  const before = await rows(`SELECT * FROM ${eventsTable}`)

  const hot = tier()
  await hot.prepare(never)
  assert.deepEqual(await hot.stored([{ tenant: 'acme', batch: 'old' }], never), [
    { tenant: 'acme', batch: 'old', lines: [7] },
  ])
  const [kept] = await rows<object>(`SELECT * FROM ${eventsTable}`)
  for (const [name, value] of Object.entries(before[0] as object)) assert.equal((kept as never)[name], value, name)

  const texts = ['{"EventID":1,"Channel":"Sysmon","Hostname":"ü","text":"é"}', '{"EventID":"1"}', 'no JSON']
  const value = encodeRecord({
    tenant: 'acme',
    batch: 'new',
    arrival: Date.UTC(2026, 0, 1, 12),
    lines: [0, 2, 70_000],
    events: texts.map((text) => Buffer.from(text)),
  })
  const record = readRecord({ offset: 0n, key: null, value, timestamp: 0 }, 2 ** 20, 0) as EventRecord
  const block = await blockRows([{ record, keep: 'all' }])
  await hot.insert('one', block, never)
  // The engine remembers the token.
  await hot.insert('one', block, never)
  assert.deepEqual(
    await rows(`SELECT line, code, channel, host, raw, event_id, toUnixTimestamp64Milli(arrival) AS at FROM ${eventsTable}
      WHERE batch = 'new' ORDER BY line`),
    [
      { line: 0, code: '1', channel: 'Sysmon', host: 'ü', raw: texts[0], event_id: 'acme/new/0' },
      { line: 2, code: '1', channel: '', host: '', raw: texts[1], event_id: 'acme/new/2' },
      { line: 70_000, code: '', channel: '', host: '', raw: texts[2], event_id: 'acme/new/70000' },
    ].map((row) => ({ ...row, at: Date.UTC(2026, 0, 1, 12) })),
  )

  // A second start finds nothing to do; the table is as a new one would be.
  await hot.prepare(never)
  const names = (await rows<{ name: string }>(`DESCRIBE TABLE ${eventsTable}`)).map(({ name }) => name)
  assert.deepEqual(names, [...Object.keys(columns), ...Object.keys(aliases)])
  const [made] = await rows<{ sql: string }>(
    `SELECT create_table_query AS sql FROM system.tables WHERE database = 'siem' AND name = 'events'`,
  )
  assert.doesNotMatch(made!.sql, /PROJECTION identity/)
  assert.match(made!.sql, /INDEX batches/)
  await until('the old part has its index', async () => {
    const parts = await rows<{ n: string }>(
      `SELECT count() AS n FROM system.mutations WHERE database = 'siem' AND NOT is_done`,
    )
    return Number(parts[0]!.n) === 0
  })
})

test('alerts are stored once, with their lists, and found by their id', async () => {
  const hot = tier('alerts')
  await hot.prepare(never)
  await hot.prepare(never)
  const made = (id: string, more: Partial<Alert> = {}): Alert => ({
    id: id.repeat(32),
    tenant: 'acme',
    kind: 'correlation',
    rule: 'rule-1',
    title: 'Täter',
    author: 'Somebody',
    level: 'high',
    tags: ['attack.t1059', 'attack.execution'],
    group: { TargetUserName: 'eve' },
    time: Date.UTC(2026, 0, 1, 12),
    start: Date.UTC(2026, 0, 1, 11),
    arrival: Date.UTC(2026, 0, 1, 12),
    detected: Date.UTC(2026, 0, 1, 12, 0, 1),
    hits: 3,
    events: [
      ['b1', 0],
      ['b2', 70_000],
    ],
    ...more,
  })
  const sent = [made('a'), made('b', { tags: [], events: [], group: {} }), made('c', { events: [['b3', 1]] })]
  const kept = sent.map((alert, i) => {
    const record = alertContent.read(
      { offset: BigInt(i), key: null, value: encodeAlert(alert), timestamp: 0 },
      2 ** 20,
      0,
    )
    return { record: record as EventRecord, keep: 'all' as const }
  })
  const block = await alertContent.rows(kept)
  await hot.insert('alerts:0:0-3', block, never)
  await hot.insert('alerts:0:0-3', block, never)
  const ids = sent.map(({ id }) => id)
  const stored = await hot.stored(
    [...ids, 'd'.repeat(32)].map((batch) => ({ tenant: 'acme', batch })),
    never,
  )
  assert.deepEqual(
    stored.map(({ batch, lines }) => [batch, lines]).sort(),
    ids.map((id) => [id, [0]]),
  )
  assert.deepEqual(
    await rows(`SELECT alert, tags, group_values, hits, title, arrayMap(e -> tuple(e.batch, e.line), events) AS events,
      toUnixTimestamp64Milli(start) AS start FROM ${alertsTable} ORDER BY alert`),
    sent.map(({ id, tags, group, hits, title, events, start }) => ({
      alert: id,
      tags,
      group_values: JSON.stringify(group),
      hits,
      title,
      events,
      start,
    })),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storage } from '../../../policies/storage.ts'
import { createStatements } from './schema.ts'

const hot = { ...storage.hot, deduplicationWindow: 1_234 }
const cluster = { name: 'hot-a', insertQuorum: 2, replicas: [] }

test('one server has a plain table that remembers the tokens of the window', () => {
  const [database, table] = createStatements(hot)
  assert.equal(database, 'CREATE DATABASE IF NOT EXISTS siem')
  assert.match(table!, /ENGINE = MergeTree PARTITION BY/)
  assert.match(
    table!,
    /SETTINGS non_replicated_deduplication_window = 1234, fsync_after_insert = 1, fsync_part_directory = 1, /,
  )
})

test('replicas share a path in Keeper, and remember tokens as many and as long as Kafka can bring a record again', () => {
  const [database, table] = createStatements(hot, cluster)
  assert.equal(database, "CREATE DATABASE IF NOT EXISTS siem ON CLUSTER 'hot-a'")
  assert.match(table!, /^CREATE TABLE IF NOT EXISTS siem\.events ON CLUSTER 'hot-a' \(/)
  assert.ok(
    table!.includes("ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/siem/events', '{replica}') PARTITION BY"),
  )
  assert.match(
    table!,
    /SETTINGS replicated_deduplication_window = 1234, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1/,
  )
  assert.doesNotMatch(table!, /non_replicated/)
})

test('but for that, both have the same columns and order', () => {
  const shape = (sql: string) => sql.slice(sql.indexOf('('), sql.indexOf('ENGINE'))
  const [, plain] = createStatements(hot)
  const [, replicated] = createStatements(hot, cluster)
  assert.equal(shape(replicated!), shape(plain!))
  assert.match(replicated!, /ORDER BY \(tenant, time, batch, line\)/)
})

test('nothing deletes', () => {
  for (const statement of [...createStatements(hot), ...createStatements(hot, cluster)])
    assert.doesNotMatch(statement, /TTL/)
})

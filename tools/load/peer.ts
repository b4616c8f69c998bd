/**
 * The peer of bench:ingest: the same events straight into the same ClickHouse engine, as text in one column, over its own HTTP interface.
 * No collector, no Kafka, no check of an event, no identity, no columns: what is left is the engine and TLS. Each setting is run
 * and the best counts.
 */
export const peerSettings = [{ rowsPerInsert: 1_000 }, { rowsPerInsert: 5_000 }, { rowsPerInsert: 20_000 }] as const

export const peerTable = {
  create: [
    'CREATE DATABASE IF NOT EXISTS bench',
    'CREATE TABLE IF NOT EXISTS bench.raw (raw String CODEC(ZSTD(1))) ENGINE = MergeTree ORDER BY tuple() SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
  ],
  clear: 'ALTER TABLE bench.raw DROP PARTITION ALL',
  insert: 'INSERT INTO bench.raw FORMAT LineAsString',
} as const

import { Agent, request } from 'node:https'
import { clickhouseTarget } from './target.ts'

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

export interface Peer {
  run(sql: string, body?: Buffer): Promise<void>
  close(): void
}

/** A client of the region's engine as the sink's user. */
export async function openPeer(kubectl: string, state: string, concurrency: number): Promise<Peer> {
  const { host, port, servername, ca, user, password } = await clickhouseTarget(kubectl, state)
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  return {
    run: (sql, body) =>
      new Promise((resolve, reject) => {
        const path = body ? `/?query=${encodeURIComponent(sql)}` : '/'
        const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password }
        const options = { host, port, servername, ca, agent, path, method: 'POST', headers, timeout: 60_000 }
        const sent = request(options, (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          answer.on('error', reject)
          answer.on('end', () =>
            answer.statusCode === 200
              ? resolve()
              : reject(new Error(`The engine answered ${answer.statusCode}: ${text}`)),
          )
        })
        sent.on('timeout', () => sent.destroy(new Error('The engine did not answer within 60 s.')))
        sent.on('error', reject)
        sent.end(body ?? sql)
      }),
    close: () => agent.destroy(),
  }
}

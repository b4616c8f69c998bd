import assert from 'node:assert/strict'
import { request } from 'node:https'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { type ServerFixture, startServer } from './fixture.ts'

let server: ServerFixture
let sink: ClickHouseClient
let analytics: ClickHouseClient
const client = (username: string, password = server.password, compress = false) =>
  createClient({
    url: server.url,
    username,
    password,
    tls: { ca_cert: Buffer.from(server.ca) },
    compression: { request: compress, response: compress },
    log: { level: ClickHouseLogLevel.OFF },
  })

before(async () => {
  server = await startServer({ maxBody: 1 << 20 })
  sink = client('sink')
  analytics = client('analytics')
  await sink.command({ query: 'CREATE DATABASE siem' })
  await sink.command({
    query: `CREATE TABLE siem.t (id UInt32, day Date, text String) ENGINE=ReplacingMergeTree PARTITION BY day ORDER BY id
      SETTINGS non_replicated_deduplication_window=100`,
  })
})
after(async () => {
  await Promise.all([sink.close(), analytics.close()])
  await server.stop()
})
const rows = async <T>(query: string, query_params: Record<string, unknown> = {}, by = analytics): Promise<T[]> =>
  (await by.query({ query, query_params, format: 'JSONEachRow' })).json<T>()

test('ping, query, parameters that would break a string', async () => {
  assert.equal((await analytics.ping()).success, true)
  assert.equal((await analytics.ping({ select: true })).success, true)
  const nasty = "a'b\\c\td\n{x:String}; DROP TABLE siem.t --"
  assert.deepEqual(await rows('SELECT {x:String} AS x, {n:UInt64} AS n', { x: nasty, n: 7 }), [{ x: nasty, n: 7 }])
  assert.deepEqual(await rows('SELECT {a:Array(String)} AS a', { a: [nasty, '2'] }), [{ a: [nasty, '2'] }])
})

test('inserts in the formats of the client, plain and gzip, are remembered by token', async () => {
  const insert = (token: string, by: ClickHouseClient) =>
    by.insert({
      table: 'siem.t',
      values: [
        { id: 1, day: '2026-01-01', text: 'a\n' },
        { id: 2, day: '2026-01-02', text: 'ü' },
      ],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: token },
    })
  const { summary } = await insert('one', sink)
  assert.equal(summary?.written_rows, '2')
  const zipped = client('sink', server.password, true)
  await insert('one', zipped)
  await insert('two', zipped)
  await zipped.close()
  const count = async () => (await rows<{ n: number }>('SELECT count() AS n FROM siem.t'))[0]?.n
  assert.equal(await count(), 4)
  const binary = Buffer.from([9, 0, 0, 0, 0, 0, 2, 10, 13])
  const { stream } = await sink.exec({
    query: 'INSERT INTO siem.t (id, day, text) FORMAT RowBinary',
    values: Readable.from([binary], { objectMode: false }),
  })
  stream.resume()
  assert.deepEqual(await rows('SELECT text FROM siem.t WHERE id = 9'), [{ text: '\n\r' }])
  assert.deepEqual(await rows('SELECT id FROM siem.t FINAL ORDER BY id'), [{ id: 1 }, { id: 2 }, { id: 9 }])
})

test("errors carry the engine's code; readers cannot write nor reach files", async () => {
  await assert.rejects(rows('SELECT nothing FROM siem.t'), { code: '47', type: 'UNKNOWN_IDENTIFIER' })
  await assert.rejects(rows('SELECT 1 FROM siem.none'), { code: '60' })
  await assert.rejects(analytics.command({ query: 'CREATE DATABASE x' }), { code: '164' })
  await assert.rejects(rows("SELECT * FROM file('/etc/passwd', 'LineAsString', 'l String')"), { code: '497' })
  await assert.rejects(analytics.insert({ table: 'siem.t', values: [{ id: 5 }], format: 'JSONEachRow' }), {
    code: '164',
  })
  const stranger = client('analytics', 'wrong horse')
  await assert.rejects(stranger.query({ query: 'SELECT 1' }), { code: '516' })
  await stranger.close()
  const settings = { max_execution_time: 0.2 }
  await assert.rejects(
    analytics.query({
      query: 'SELECT sum(sipHash64(number)) FROM numbers(30000000000)',
      clickhouse_settings: settings,
    }),
    { code: '159', type: 'TIMEOUT_EXCEEDED' },
  )
})

test('a body over the limit is refused and leaves nothing', async () => {
  const values = Array.from({ length: 3 }, (_, id) => ({ id, day: '2026-02-02', text: 'x'.repeat(1 << 19) }))
  await assert.rejects(sink.insert({ table: 'siem.t', values, format: 'JSONEachRow' }))
  assert.deepEqual(await rows("SELECT id FROM siem.t WHERE day = '2026-02-02'"), [])
})

test('ping answers while statements run, and too many are refused', async () => {
  const slow = () =>
    analytics
      .query({
        query: 'SELECT sum(sipHash64(number)) FROM numbers(30000000000)',
        clickhouse_settings: { max_execution_time: 0.5 },
      })
      .catch((error: { code: string }) => error.code)
  const all = Array.from({ length: 10 }, slow)
  assert.equal((await analytics.ping()).success, true)
  assert.ok((await Promise.all(all)).includes('202'))
})

test('a request line that is no URL is answered, and the server goes on', async () => {
  const { hostname, port } = new URL(server.url)
  const status = await new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: '//', ca: server.ca, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.on('error', reject).end()
  })
  assert.equal(status, 401)
  assert.equal((await analytics.ping()).success, true)
})

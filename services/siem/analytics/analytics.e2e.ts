import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import fc from 'fast-check'
import { redisProgram, TestRedis } from '../../common/cache/testing/redis.ts'
import { createAlertStatements } from '../../common/hot-tier/alerts.ts'
import { hotTierClient } from '../../common/hot-tier/client.ts'
import { createStatements, eventsTable } from '../../common/hot-tier/schema.ts'
import { createLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { freePort, eventually as until } from '../../common/testing/processes.ts'
import { plainCall, testTls } from '../../common/testing/server.ts'
import { Gate } from './gate.ts'
import { HotTier } from './hot-tier.ts'
import { analyticsMetrics } from './metrics.ts'
import { parseQuestion } from './question.ts'
import { statementFor } from './statement.ts'
import { Program } from './testing/programs.ts'
import { question } from './testing/questions.ts'
import { expected, sampleRows } from './testing/rows.ts'

const password = 'correct horse'
const maxRows = 10_000
const rows = sampleRows(400)
const { authority, tls, call } = await testTls('analytics')
const folder = mkdtempSync(join(tmpdir(), 'nd-test-analytics-'))
const file = (name: string, content: unknown) => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return join(folder, name)
}

const [port, adminPort, hotPort, hotAdminPort] = [
  await freePort(),
  await freePort(),
  await freePort(),
  await freePort(),
]
const hotUrl = new URL(`https://127.0.0.1:${hotPort}`)
const users = { sink: { password, access: 'write' }, analytics: { password, access: 'read' } }
const hot = new Program(new URL('../../../infra/local/clickhouse/main.ts', import.meta.url), {
  ND_DATA_DIR: join(folder, 'data'),
  ND_TLS_DIR: await authority.issue('clickhouse'),
  ND_CLICKHOUSE_USERS_FILE: file('users.json', users),
  ND_PORT: `${hotPort}`,
  ND_ADMIN_PORT: `${hotAdminPort}`,
})
const redisPath = redisProgram()
const redis = redisPath ? await TestRedis.create(redisPath, await authority.issue('redis')) : undefined
const noRedis = redis === undefined && 'Redis is not in the cache yet: make up brings it.'
const tenant = (name: string) => ({
  tenant: name,
  tokenSha256: createHash('sha256').update(`nd_${name}`).digest('hex'),
  homeRegion: 'local',
})
const env = {
  ND_REGION: 'local',
  ND_ENVIRONMENT: 'local',
  ND_LISTEN: '127.0.0.1',
  ND_HTTPS_PORT: `${port}`,
  ND_ADMIN_PORT: `${adminPort}`,
  ND_TLS_DIR: join(authority.root, 'analytics'),
  ND_TENANTS_FILE: file('tenants.json', { tenants: ['acme', 'globex', 'big', 'nobody'].map(tenant) }),
  ND_CLICKHOUSE_URL: hotUrl.href,
  ND_CLICKHOUSE_USER: 'analytics',
  ND_CLICKHOUSE_PASSWORD_FILE: file('password', password),
  // Nobody listens: what needs the audit topic is refused, everything else is answered.
  ND_KAFKA_BROKERS: `127.0.0.1:${await freePort()}`,
  ND_REDIS_URL: redis?.url ?? `rediss://127.0.0.1:${await freePort()}`,
  ND_REDIS_PASSWORD_FILE: file('redis-password', redis?.password ?? 'nobody listens'),
}
const program = new URL('./main.ts', import.meta.url)
const analytics = new Program(program, env)
const [plainPort, plainAdminPort] = [await freePort(), await freePort()]
const proxied = new Program(program, {
  ...env,
  ND_ENTRY: 'proxied',
  ND_HTTPS_PORT: `${plainPort}`,
  ND_ADMIN_PORT: `${plainAdminPort}`,
})
const client = (user: string): ClickHouseClient =>
  hotTierClient({
    config: { url: hotUrl, user, password },
    tls,
    application: 'test',
    timeoutMs: 60_000,
    maxConnections: 2,
  })
const sink = client('sink')
const reader = client('analytics')

after(async () => {
  await Promise.all([analytics.stop('SIGKILL'), proxied.stop('SIGKILL')])
  await hot.stop('SIGKILL')
  await redis?.remove()
  await Promise.all([sink.close(), reader.close()])
  tls.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (body: object, name = 'acme', headers: Record<string, string> = { 'cache-control': 'no-cache' }) =>
  call(port, '/v1/query', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer nd_${name}`, 'content-type': 'application/json', ...headers },
  })
const rowsOf = async (body: object, name = 'acme') => {
  const { status, json } = await ask(body, name)
  assert.equal(status, 200, JSON.stringify(json))
  return json.rows as (string | number)[][]
}
const ready = async () => (await call(adminPort, '/readyz')).status
const filter = (field: string, op: string, value: unknown) => ({ filter: [{ field, op, value }] })

before(async () => {
  hot.start()
  await redis?.start()
  analytics.start()
})

test('not ready, and 503 in words, until the hot tier is there and has its table', { timeout: 120_000 }, async () => {
  await until('the hot tier answers', async () => (await sink.ping()).success)
  await until('analytics listens', ready)
  assert.equal(await ready(), 503)
  const { status, json, headers } = await ask({})
  assert.deepEqual([status, json.error, headers['retry-after']], [503, 'HOT_TIER_EMPTY', '2'])
  for (const query of [...createStatements(), ...createAlertStatements()]) await sink.command({ query })
  await sink.insert({
    table: eventsTable,
    format: 'JSONEachRow',
    values: rows.map((row) => ({ ...row, arrival: iso(row.arrival), time: iso(row.time) })),
  })
  await until('analytics is ready', async () => (await ready()) === 200)
})
const iso = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1)

test('counts a tenant, and only it', async () => {
  const own = (name: string) => rows.filter((row) => row.tenant === name)
  const ids = (name: string) => new Set(own(name).map(({ batch, line }) => `${batch}/${line}`)).size
  for (const name of ['acme', 'globex', 'nobody']) {
    assert.deepEqual(await rowsOf({}, name), [[own(name).length]])
    assert.deepEqual(await rowsOf({ aggregate: 'uniq_id' }, name), [[ids(name)]])
  }
})

test('every operator of every field, every group: as computed the long way', { timeout: 300_000 }, async () => {
  const { batch, line, channel, code, provider, raw, time, arrival } = rows[20]!
  const at = (ms: number) => new Date(ms).toISOString()
  const texts = { batch, channel, code, provider, host: 'host-1.example' }
  const questions = [
    ...Object.entries(texts).flatMap(([field, value]) => [
      ...['eq', 'ne'].map((op) => filter(field, op, value)),
      filter(field, 'in', [value, "' OR 1=1 --"]),
      ...['contains', 'prefix'].map((op) => filter(field, op, [...value].slice(0, 3).join('') || 'S')),
    ]),
    filter('raw', 'contains', raw.slice(3, 12)),
    ...['gt', 'ge', 'lt', 'le'].flatMap((op) => [filter('time', op, at(time)), filter('arrival', op, at(arrival))]),
    filter('event_id', 'eq', `acme/${batch}/${line}`),
    filter('event_id', 'eq', `acme/${batch}/4294967295`),
    filter('event_id', 'in', [`acme/${batch}/${line}`, 'acme/batch-0/1', 'acme/none/1']),
    filter('tenant', 'eq', 'acme'),
    ...['batch', 'channel', 'code', 'provider', 'host'].map((field) => ({ groupBy: [field] })),
    { groupBy: ['provider', 'channel', 'code'], limit: 7 },
    ...['1s', '7m', '1h', '1d', '366d'].map((bucket) => ({ groupBy: [{ bucket }] })),
    { groupBy: ['code', { bucket: '3h' }], timeField: 'arrival', from: at(arrival), to: at(arrival + 100_000) },
    { aggregate: 'uniq_id', groupBy: ['batch'] },
    { from: at(time), to: at(time + 1) },
  ]
  for (const body of questions) {
    const { status, json } = await ask(body)
    const { columns, rows: want } = expected(rows, parseQuestion(body, 'acme', maxRows), 'acme')
    assert.deepEqual([status, json.columns, json.rows], [200, columns, want], JSON.stringify(body))
  }
  await fc.assert(
    fc.asyncProperty(question, async (body) => {
      const { status, json } = await ask(body)
      if (status === 400) return assert.match(json.message, /well-formed Unicode/)
      const { columns, rows: want } = expected(rows, parseQuestion(body, 'acme', maxRows), 'acme')
      assert.deepEqual([status, json.columns, json.rows], [200, columns, want])
    }),
    { numRuns: 200 },
  )
})

test('a long list of long values travels too', async () => {
  const list = Array.from({ length: 100 }, (_, i) => `${i}ü'\\\n`.repeat(50))
  assert.deepEqual(await rowsOf(filter('channel', 'in', [...list.slice(1), 'Security'])), [
    [rows.filter((row) => row.tenant === 'acme' && row.channel === 'Security').length],
  ])
})

test("nothing gets one tenant the other's events", async () => {
  const other = rows.filter((row) => row.tenant === 'globex')
  const { batch, line } = other[0]!
  for (const body of [
    filter('tenant', 'eq', 'globex'),
    filter('tenant', 'ne', 'acme'),
    filter('event_id', 'eq', `globex/${batch}/${line}`),
    filter('event_id', 'in', [`acme/${batch}/1`, `globex/${batch}/${line}`]),
  ]) {
    const { status, json } = await ask(body)
    assert.deepEqual([status, json.error], [403, 'OTHER_TENANT'])
    assert.match(json.message, /tenant/)
  }
  const injections = [
    "' OR tenant = 'globex",
    "x') OR (1=1",
    '{tenant:String}',
    "\\' OR 1=1 --",
    'globex',
    '0) OR 1=1 --',
  ]
  for (const field of ['batch', 'code', 'host'])
    for (const value of injections)
      for (const op of ['eq', 'contains', 'prefix']) assert.deepEqual(await rowsOf(filter(field, op, value)), [[0]])
  // Both have a batch of that name; the same question finds each its own.
  for (const name of ['acme', 'globex']) {
    const own = rows.filter((row) => row.tenant === name && row.batch === batch).length
    assert.deepEqual(await rowsOf({ ...filter('batch', 'eq', batch), groupBy: ['batch'] }, name), [[batch, own]])
  }
  // From the caches too.
  for (const name of ['acme', 'globex', 'acme', 'globex']) {
    const count = rows.filter((row) => row.tenant === name).length
    assert.deepEqual((await ask({}, name, {})).json.rows, [[count]])
  }
})

test("events' ids are found by the table's index", async () => {
  const event = rows.find((row) => row.tenant === 'acme')!
  const id = `acme/${event.batch}/${event.line}`
  for (const body of [filter('event_id', 'eq', id), filter('event_id', 'in', [id, 'acme/none/1'])]) {
    const { sql, params } = statementFor(parseQuestion(body, 'acme', 10), 'acme')
    const result = await reader.query({
      query: sql,
      query_params: params as Record<string, unknown>,
      format: 'JSONCompact',
      clickhouse_settings: { force_data_skipping_indices: 'batches' },
    })
    const want = expected(rows, parseQuestion(body, 'acme', 10), 'acme').rows
    assert.deepEqual(
      ((await result.json()).data as unknown[][]).map(([count]) => [Number(count)]),
      want,
    )
  }
})

test('too slow, too much, and given up: sentences that say what to ask instead', { timeout: 120_000 }, async () => {
  const lines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => lines.push(line) })
  const metrics = analyticsMetrics(
    createMetrics({ process: false }),
    new Gate({ maxRunning: 1, maxWaiting: 0, waitMs: 1 }),
    1,
  )
  await sink.command({
    query: `INSERT INTO ${eventsTable} (tenant, arrival, time, batch, line, channel, code, provider, host, raw)
      SELECT 'big', toDateTime64('2026-01-05 10:00:00.000', 3, 'UTC'), toDateTime64('2026-01-05 10:00:00.000', 3, 'UTC') + number,
      concat('batch-', toString(number % 100003)), number, '', '', '', '', toString(sipHash64(number)) FROM numbers(4000000)`,
  })
  const run = (body: object, more: { timeoutMs?: number; maxResultBytes?: number; signal?: AbortSignal }) =>
    new HotTier({ client: reader, log, timeoutMs: 60_000, maxResultBytes: 1 << 20, metrics, ...more }).run(
      statementFor(parseQuestion(body, 'big', maxRows), 'big'),
      more.signal ?? new AbortController().signal,
    )
  const heavy = { aggregate: 'uniq_id', groupBy: ['batch'], filter: [{ field: 'raw', op: 'contains', value: '7' }] }
  await assert.rejects(run(heavy, { timeoutMs: 50 }), {
    status: 504,
    code: 'QUERY_TIMEOUT',
    message: /Narrow the time span/,
  })
  await assert.rejects(run(heavy, { maxResultBytes: 10 }), { status: 422, code: 'TOO_EXPENSIVE', message: /Narrow/ })
  const abort = new AbortController()
  const start = performance.now()
  const given = run(heavy, { signal: abort.signal })
  await delay(20)
  abort.abort(new Error('gone'))
  await assert.rejects(given, /gone/)
  assert.ok(performance.now() - start < 2_000)
  assert.match(lines.join('\n'), /"code":"159"/)
  assert.doesNotMatch(lines.join('\n'), /SELECT|siem\.events|batch/)
  assert.equal((await rowsOf({ groupBy: ['batch'], limit: maxRows }, 'big')).length, maxRows)
})

test('the caches: L1, then L2, then neither; without Redis slower, never wrong', { skip: noRedis }, async () => {
  const body = { groupBy: ['code'], limit: 5 }
  const source = async () => {
    const { status, json } = await ask(body, 'acme', {})
    assert.equal(status, 200)
    assert.deepEqual(json.rows, expected(rows, parseQuestion(body, 'acme', maxRows), 'acme').rows)
    return json.cached
  }
  // On a busy machine Redis may be called slow at any time: that is answered too, and only 'none' may stand for 'L2'.
  const fromRedis = () =>
    until('L2 answers', async () => {
      await delay(1_100)
      return (await source()) === 'L2'
    })
  assert.equal(await source(), 'none')
  assert.equal(await source(), 'L1')
  await fromRedis()
  await redis!.kill()
  await delay(1_100)
  assert.equal(await source(), 'none')
  assert.equal(await source(), 'L1')
  await redis!.start()
  await fromRedis()
  redis!.pause()
  await delay(1_100)
  const start = performance.now()
  assert.equal(await source(), 'none')
  assert.ok(performance.now() - start < 1_000)
  redis!.resume()
})

test('behind a proxy: in the clear at the entry for whoever has a token, ready for everybody, TLS on the admin port', {
  timeout: 60_000,
}, async () => {
  proxied.start()
  await until('it is ready', async () => (await plainCall(plainPort, '/readyz')).status === 200)
  const { status, json } = await plainCall(plainPort, '/v1/query', {
    method: 'POST',
    body: '{}',
    headers: { authorization: 'Bearer nd_acme', 'content-type': 'application/json' },
  })
  assert.deepEqual([status, json.rows], [200, await rowsOf({})])
  assert.equal((await plainCall(plainPort, '/v1/query', { method: 'POST', body: '{}' })).status, 401)
  assert.equal((await call(plainAdminPort, '/readyz')).status, 200)
  await assert.rejects(plainCall(plainAdminPort, '/readyz'))
  assert.equal((await call(port, '/readyz')).status, 200)
  assert.equal(await proxied.stop('SIGTERM'), 0, proxied.output)
})

test('killed -9, the hot tier is 503 with Retry-After; answers that are kept go on; then it is back', {
  timeout: 120_000,
}, async () => {
  const before = await rowsOf({})
  await hot.stop('SIGKILL')
  const { status, json, headers } = await ask({})
  assert.deepEqual([status, json.error, headers['retry-after']], [503, 'HOT_TIER_UNAVAILABLE', '2'])
  assert.equal(await ready(), 200)
  assert.deepEqual((await ask({}, 'acme', {})).json.cached, 'L1')
  hot.start()
  await until('it answers again', async () => (await ask({})).status === 200)
  assert.deepEqual(await rowsOf({}), before)
})

test('metrics have the names that the policies read, and no tenant', async () => {
  const dir = await authority.issue('prometheus')
  const cert = { cert: readFileSync(join(dir, 'tls.crt')), key: readFileSync(join(dir, 'tls.key')) }
  const { body } = await call(adminPort, '/metrics', { cert })
  for (const name of [
    'nd_http_requests_total{route="/v1/query",method="POST",status="200"}',
    'nd_http_request_duration_seconds_bucket{le="10",route="/v1/query"}',
    'nd_utilization_ratio',
    'nd_cache_requests_total{level="L1",result="hit"}',
    'nd_queue_depth',
    'nd_errors_total{reason="OTHER_TENANT"}',
    'nd_query_duration_seconds_bucket{le="10"}',
  ])
    assert.ok(body.includes(`\n${name} `), name)
  assert.doesNotMatch(body, /acme|globex/)
})

test('ends in order, and its log holds no SQL, no values and no secrets', { timeout: 60_000 }, async () => {
  assert.equal(await analytics.stop('SIGTERM'), 0, analytics.output)
  assert.doesNotMatch(analytics.output, /SELECT|siem\.|batch-|horse|nd_acme|Warning/)
  assert.doesNotMatch(analytics.output, /unexpectedly|Unhandled/)
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ClickHouseClient } from '@clickhouse/client'
import { CacheLevels } from '../../common/cache/levels.ts'
import { Lru } from '../../common/cache/lru.ts'
import { Versions } from '../../common/cache/versions.ts'
import { alertsTable, createAlertStatements } from '../../common/hot-tier/alerts.ts'
import { hotTierClient } from '../../common/hot-tier/client.ts'
import { createStatements, eventsTable } from '../../common/hot-tier/schema.ts'
import type { HttpError } from '../../common/http/errors.ts'
import { HttpServer } from '../../common/http/server.ts'
import { silentLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { freePort, eventually as until } from '../../common/testing/processes.ts'
import { testTls } from '../../common/testing/server.ts'
import { Analytics } from './analytics.ts'
import { Answers, type Kept } from './answers.ts'
import { Cursors } from './cursor.ts'
import { Gate } from './gate.ts'
import { HotTier } from './hot-tier.ts'
import { analyticsMetrics } from './metrics.ts'
import { parseCrossQuestion } from './operators/question.ts'
import { released } from './operators/release.ts'
import { crossStatement } from './operators/statement.ts'
import { Program } from './testing/programs.ts'
import { type EventRow, sampleRows } from './testing/rows.ts'

const password = 'correct horse'
const rows = sampleRows(600)
const folder = mkdtempSync(join(tmpdir(), 'nd-test-attacks-'))
const { authority, tls, call } = await testTls('analytics')
const [hotPort, hotAdminPort] = [await freePort(), await freePort()]
const url = new URL(`https://127.0.0.1:${hotPort}`)
const usersFile = join(folder, 'users.json')
writeFileSync(
  usersFile,
  JSON.stringify({ sink: { password, access: 'write' }, analytics: { password, access: 'read' } }),
)
const hot = new Program(new URL('../../../infra/local/clickhouse/main.ts', import.meta.url), {
  ND_DATA_DIR: join(folder, 'data'),
  ND_TLS_DIR: await authority.issue('clickhouse'),
  ND_CLICKHOUSE_USERS_FILE: usersFile,
  ND_PORT: `${hotPort}`,
  ND_ADMIN_PORT: `${hotAdminPort}`,
})
const client = (user: string): ClickHouseClient =>
  hotTierClient({ config: { url, user, password }, tls, application: 'test', timeoutMs: 60_000, maxConnections: 4 })
const [sink, reader] = [client('sink'), client('analytics')]
const gate = new Gate({ maxRunning: 4, maxWaiting: 64, waitMs: 60_000 })
const metrics = analyticsMetrics(createMetrics({ process: false }), gate, 1)
const hotTier = new HotTier({ client: reader, log: silentLog, timeoutMs: 60_000, maxResultBytes: 1 << 24, metrics })
const far = new Map<string, string>()
const answers = new Answers({
  caches: new CacheLevels<Kept>({
    near: new Lru({ ttlMs: 1, maxEntries: 1, maxSize: 1 }),
    far: { get: async (key) => far.get(key), set: async (key, text) => void far.set(key, text) },
    nearTtlMs: 1,
    farTtlMs: 60_000,
    maxFarLength: 1 << 20,
    count: () => {},
  }),
  versions: new Versions({
    look: (source, names) => hotTier.versions(source, names, AbortSignal.timeout(60_000)),
    ttlMs: 0,
    keepMs: 60_000,
    maxEntries: 10,
    maxRunning: 2,
    maxAlong: 10,
  }),
  claims: { wait: async () => ({ done: () => {} }) },
  refusals: new Lru<HttpError>({ ttlMs: 1, maxEntries: 1, maxSize: 1 }),
  gate,
  hotTier,
  refusedAgain: () => {},
})
const tenants: Record<string, { name: string; homeRegion: string; quota: undefined }> = Object.fromEntries(
  ['acme', 'globex'].map((name) => [`nd_${name}`, { name, homeRegion: 'local', quota: undefined }]),
)
const server = new HttpServer({
  listener: { kind: 'tls', host: '127.0.0.1', port: 0, tls },
  log: silentLog,
  routes: new Analytics({
    region: 'local',
    maxRows: 10_000,
    maxPage: 1_000,
    tenants: { find: (token) => tenants[token] },
    answers,
    cursors: new Cursors('secret'),
    metrics,
  }).routes,
})
let port = 0
const iso = (at: number): string => new Date(at).toISOString().replace('T', ' ').slice(0, -1)
const insert = (some: readonly EventRow[]) =>
  sink.insert({
    table: eventsTable,
    format: 'JSONEachRow',
    values: some.map((row) => ({ ...row, arrival: iso(row.arrival), time: iso(row.time) })),
  })
const alert = (tenant: string, id: string, events: readonly (readonly [string, number])[]) => ({
  tenant,
  alert: id,
  time: '2026-01-05 11:00:00.000',
  detected: '2026-01-05 11:00:01.000',
  rule: 'rule-1',
  title: `Of ${tenant}`,
  level: 'high',
  kind: 'rule',
  tags: ['attack.t1078'],
  group_values: '{}',
  hits: events.length,
  events: events.map(([batch, line]) => ({ batch, line })),
  start: '2026-01-05 10:59:00.000',
})

before(async () => {
  hot.start()
  await until('the hot tier answers', async () => (await sink.ping()).success)
  for (const query of [...createStatements(), ...createAlertStatements()]) await sink.command({ query })
  await insert(rows)
  const other = rows.find((row) => row.tenant === 'globex')!
  const own = rows.find((row) => row.tenant === 'acme')!
  const values = [
    // The second piece of evidence is another tenant's event: nobody writes that, and nobody may see it.
    alert('acme', 'same-id', [
      [own.batch, own.line],
      [other.batch, other.line],
    ]),
    alert('globex', 'same-id', [[other.batch, other.line]]),
    alert('globex', 'only-globex', [[other.batch, other.line]]),
  ]
  await sink.insert({ table: alertsTable, format: 'JSONEachRow', values })
  port = await server.listen()
})
after(async () => {
  await server.stop(0)
  await Promise.all([sink.close(), reader.close()])
  await hot.stop('SIGKILL')
  tls.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (path: string, body: unknown, name = 'acme', headers: Record<string, string> = {}) =>
  call(port, path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { authorization: `Bearer nd_${name}`, 'content-type': 'application/json', ...headers },
  })
const idOf = ({ batch, line }: EventRow): string => `${batch}/${line}`
const ids = (page: { rows: [string, string, number][] }): string[] =>
  page.rows.map(([, batch, line]) => `${batch}/${line}`)

test('a search goes through every row once, in order, also while rows come in', async () => {
  const body = {
    filter: [{ field: 'code', op: 'in', value: ['4600', '4601', '4602'] }],
    limit: 17,
    columns: ['code', 'raw'],
  }
  const wanted = rows.filter(({ tenant, code }) => tenant === 'acme' && ['4600', '4601', '4602'].includes(code))
  for (const order of ['desc', 'asc']) {
    const seen: string[] = []
    const times: string[] = []
    let cursor: string | null = null
    for (let pages = 0; pages === 0 || cursor !== null; pages++) {
      const { status, json } = await ask('/v1/search', { ...body, order, ...(cursor === null ? {} : { cursor }) })
      assert.equal(status, 200, JSON.stringify(json))
      seen.push(...ids(json))
      times.push(...json.rows.map(([time]: [string]) => time))
      cursor = json.cursor
      // Of another tenant and of this one, before and after where we are.
      const extra = [0, 1, 2].map((i) => ({ ...rows[i]!, batch: `late-${order}-${pages}`, code: '4600' }))
      await insert(extra)
    }
    const old = seen.filter((id) => !id.startsWith('late-'))
    assert.deepEqual(old.toSorted(), wanted.map(idOf).toSorted())
    const sorted = times.toSorted((a, b) => Date.parse(a) - Date.parse(b))
    assert.deepEqual(times, order === 'asc' ? sorted : sorted.toReversed())
  }
})

test('percentiles are within a hundredth', async () => {
  const sizes = rows
    .filter(({ tenant, batch }) => tenant === 'acme' && batch.startsWith('batch-'))
    .map(({ raw }) => Buffer.byteLength(raw))
  sizes.sort((a, b) => a - b)
  const body = {
    aggregate: { quantiles: ['p50', 'p99'], of: 'size' },
    filter: [{ field: 'batch', op: 'prefix', value: 'batch-' }],
  }
  const { json } = await ask('/v1/query', body)
  assert.deepEqual(json.columns, ['p50', 'p99'])
  for (const [i, q] of [0.5, 0.99].entries()) {
    const exact = sizes[Math.floor(q * (sizes.length - 1))]!
    assert.ok(Math.abs(json.rows[0][i] - exact) <= 0.02 * exact + 1, `${json.rows[0][i]} and ${exact}`)
  }
  const none = await ask('/v1/query', { ...body, filter: [{ field: 'code', op: 'eq', value: 'none' }] })
  assert.deepEqual(none.json.rows, [[null, null]])
})

test('what was acknowledged a moment ago is in the next answer, whatever the shared cache holds', async () => {
  const body = { filter: [{ field: 'host', op: 'eq', value: 'new.example' }] }
  for (let n = 0; n < 3; n++) {
    const { json } = await ask('/v1/query', body)
    assert.deepEqual(json.rows, [[n]])
    assert.deepEqual((await ask('/v1/query', body)).json.rows, [[n]])
    await insert([{ ...rows[1]!, batch: `new-${n}`, host: 'new.example', arrival: Date.UTC(2026, 0, 6) + n }])
  }
})

test('attack: the cursor of another tenant, or of another search', async () => {
  const { json } = await ask('/v1/search', { limit: 5 }, 'globex')
  assert.ok(json.cursor)
  for (const body of [
    { limit: 5, cursor: json.cursor },
    { limit: 6, cursor: json.cursor },
  ]) {
    const reply = await ask('/v1/search', body)
    assert.deepEqual([reply.status, reply.json.error], [400, 'BAD_QUERY'])
  }
})

test('attack: an alert id of another tenant, and evidence that is another tenant’s', async () => {
  const foreign = await ask('/v1/alert', { alert: 'only-globex' })
  assert.deepEqual([foreign.status, foreign.json.error], [404, 'NO_SUCH_ALERT'])
  const unknown = await ask('/v1/alert', { alert: 'nobody-has-it' })
  assert.deepEqual(foreign.body.replace(/\d/g, ''), unknown.body.replace(/\d/g, ''))
  for (const name of ['acme', 'globex']) {
    const { json } = await ask('/v1/alert', { alert: 'same-id' }, name)
    assert.equal(json.alert.title, `Of ${name}`)
    const known = new Set(rows.filter(({ tenant }) => tenant === name).map(({ raw }) => raw))
    const at = json.events.columns.indexOf('raw')
    assert.ok(json.events.rows.length > 0)
    for (const row of json.events.rows) assert.ok(known.has(row[at]))
  }
  for (const name of ['acme', 'globex']) {
    const { json } = await ask('/v1/search', { source: 'alerts' }, name)
    for (const row of json.rows) assert.equal(row[json.columns.indexOf('title')], `Of ${name}`)
  }
})

test('attack: filters, columns and groups that name the tenant or another’s events', async () => {
  const other = rows.find((row) => row.tenant === 'globex')!
  for (const path of ['/v1/query', '/v1/search']) {
    for (const condition of [
      { field: 'tenant', op: 'eq', value: 'globex' },
      { field: 'tenant', op: 'ne', value: 'acme' },
      { field: 'event_id', op: 'eq', value: `globex/${other.batch}/${other.line}` },
    ]) {
      const { status, json } = await ask(path, { filter: [condition] })
      assert.deepEqual([status, json.error], [403, 'OTHER_TENANT'])
    }
    for (const value of ["' OR tenant = 'globex", "x') OR (1=1", '{tenant:String}', '\\', '\0'])
      for (const [field, op] of [
        ['host', 'contains'],
        ['raw', 'icontains'],
        ['batch', 'prefix'],
        ['host', 'eq'],
      ] as const) {
        const { status, json } = await ask(path, { filter: [{ field, op, value }] })
        assert.equal(status, 200)
        const known = new Set(
          rows.filter(({ tenant }) => tenant === 'acme').map(({ batch, line }) => `${batch}/${line}`),
        )
        if (path === '/v1/search')
          for (const id of ids(json)) assert.ok(known.has(id) || id.startsWith('late-') || id.startsWith('new-'))
      }
  }
  assert.equal((await ask('/v1/search', { columns: ['tenant'] })).status, 400)
  assert.equal((await ask('/v1/query', { groupBy: ['tenant'] })).status, 400)
  assert.equal((await ask('/v1/query', { aggregate: { uniq: 'tenant' } })).status, 400)
})

test('attack: headers, tokens and other ways to be somebody else', async () => {
  const count = async (headers: Record<string, string>) => (await ask('/v1/query', {}, 'acme', headers)).json.rows[0][0]
  const own = await count({})
  for (const headers of [
    { 'x-tenant': 'globex' },
    { 'x-forwarded-client-cert': 'URI=spiffe://globex' },
    { 'x-clickhouse-user': 'sink', 'x-clickhouse-key': password },
    { 'x-nd-tenant': 'globex', forwarded: 'for=globex' },
    { cookie: 'token=nd_globex' },
  ])
    assert.equal(await count(headers as unknown as Record<string, string>), own)
  const both = await ask('/v1/query', {}, 'acme', { authorization: 'Bearer nd_acme, Bearer nd_globex' })
  assert.equal(both.status, 401)
  assert.equal(
    (await call(port, '/v1/query?tenant=globex&token=nd_globex', { method: 'POST', body: '{}' })).status,
    401,
  )
  assert.equal((await ask('/v1/operators/query', {})).status, 404)
})

test('attack: deep, large and strange bodies cost a refusal and no more', async () => {
  for (const [body, status] of [
    ['['.repeat(60_000), 400],
    [`{"filter":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 400],
    [JSON.stringify({ filter: ['x'.repeat(70_000)] }), 413],
    ['{"__proto__":{"limit":1}}', 400],
    ['{"constructor":{"prototype":{}}}', 400],
    ['{"cursor":{"toString":1}}', 400],
    ['null', 400],
    ['"{}"', 400],
  ] as const)
    assert.equal((await ask('/v1/search', body)).status, status, body.slice(0, 40))
})

test('attack: keys of the shared cache hold the tenant in the clear, and no answer is under another’s', () => {
  assert.ok(far.size > 0)
  for (const key of far.keys()) assert.match(key, /^nd:query:\d+:(acme|globex):at:/)
})

test('over all tenants: groups of few are not there, a rare value is no value, and what is said is near', async () => {
  const some = Array.from({ length: 8 }, (_, t) =>
    Array.from({ length: 40 }, (_, i) => ({
      ...rows[0]!,
      tenant: `cross-${t}`,
      batch: `cross-${i}`,
      time: Date.UTC(2026, 2, 1, 5, i),
      channel: i < 30 ? 'Common' : t < 3 ? 'Rare' : 'Common',
    })),
  ).flat()
  await insert(some)
  const rules = { minTenants: 5, largestShare: 0.5 }
  const run = async (body: object) => {
    const question = parseCrossQuestion(
      { from: '2026-03-01', to: '2026-03-02', ...body },
      { maxRows: 100, grainMs: 3_600_000 },
    )
    const statement = crossStatement(question, [1n, 2n ** 64n - 1n], rules)
    return released(await hotTier.run(statement, new AbortController().signal), rules, Buffer.alloc(32, 1)).rows
  }
  const groups = await run({ groupBy: ['channel'] })
  assert.deepEqual(
    groups.map(([channel, tenants]) => [channel, tenants]),
    [['Common', 5]],
  )
  assert.ok(Math.abs(Number(groups[0]![2]) - 290) <= 45)
  const filter = (...value: string[]) => ({ filter: [{ field: 'channel', op: 'in', value }] })
  assert.deepEqual(await run(filter('Common', 'Rare')), await run(filter('Common')))
  assert.deepEqual(await run(filter('Rare')), [])
  assert.deepEqual(await run({ groupBy: [{ bucket: '6h' }] }), [['2026-03-01T00:00:00.000Z', ...(await run({}))[0]!]])
})

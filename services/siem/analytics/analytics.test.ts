import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { after, before, beforeEach, test } from 'node:test'
import { Claims } from '../../common/cache/claims.ts'
import { CacheLevels } from '../../common/cache/levels.ts'
import { Lru } from '../../common/cache/lru.ts'
import { Versions } from '../../common/cache/versions.ts'
import type { HttpError } from '../../common/http/errors.ts'
import { HttpServer } from '../../common/http/server.ts'
import { silentLog } from '../../common/log/log.ts'
import { createMetrics } from '../../common/metrics/metrics.ts'
import { testTls } from '../../common/testing/server.ts'
import { parentage, recordingTracer } from '../../common/testing/traces.ts'
import { Analytics } from './analytics.ts'
import type { Answer } from './answer.ts'
import { Answers, type Kept } from './answers.ts'
import { Cursors } from './cursor.ts'
import { Gate } from './gate.ts'
import { analyticsMetrics } from './metrics.ts'
import { refusalOf } from './refusals.ts'
import type { Statement } from './statement.ts'

const { authority, tls, call } = await testTls('analytics')
const tenants = new Map([
  ['nd_acme', { name: 'acme', homeRegion: 'local', quota: undefined }],
  ['nd_globex', { name: 'globex', homeRegion: 'local', quota: undefined }],
  ['nd_away', { name: 'away', homeRegion: 'us-east-1', quota: undefined }],
])

/** A hot tier that counts what it is asked, and answers with that number. */
let asked: { statement: Statement; signal: AbortSignal }[] = []
let answer: () => Promise<void> = async () => {}
const hotTier = {
  run: async (statement: Statement, signal: AbortSignal): Promise<Answer> => {
    asked.push({ statement, signal })
    const count = asked.length
    await answer()
    return { columns: ['count'], rows: [[count]] }
  },
}

/** The shared level, as all replicas see it. */
let shared = new Map<string, string>()
const far = {
  get: async (key: string) => shared.get(key),
  set: async (key: string, text: string) => void shared.set(key, text),
  claim: async (key: string, owner: string) => !shared.has(key) && shared.set(key, owner) !== undefined,
  release: async (key: string) => void shared.delete(key),
}
/** What the hot tier says of how new its data is. */
let version: () => Promise<string> = async () => 'v1'

const { tracer, spans } = recordingTracer()
let now = 0
const clock = () => now
const metrics = createMetrics({ process: false })
const gate = new Gate({ maxRunning: 2, maxWaiting: 1, waitMs: 60_000 })
const own = analyticsMetrics(metrics, gate, 1)
const replica = (count = own.cacheRequest) =>
  new HttpServer({
    listener: { kind: 'tls', host: '127.0.0.1', port: 0, tls },
    log: silentLog,
    routes: new Analytics({
      region: 'local',
      maxRows: 1_000,
      maxPage: 100,
      tenants: { find: (token) => tenants.get(token) },
      answers: new Answers({
        caches: new CacheLevels<Kept>({
          near: new Lru({ ttlMs: 1_000, maxEntries: 100, maxSize: 10_000, now: clock }),
          far,
          nearTtlMs: 1_000,
          farTtlMs: 60_000,
          maxFarLength: 10_000,
          count,
          now: clock,
        }),
        versions: new Versions({
          look: async (_, names) => {
            const text = await version()
            return new Map(names.map((name) => [name, text]))
          },
          ttlMs: 1_000,
          keepMs: 60_000,
          maxEntries: 100,
          maxRunning: 2,
          maxAlong: 0,
          now: clock,
        }),
        claims: new Claims({ far, ttlMs: 10_000, waitMs: 5_000, everyMs: 1 }),
        refusals: new Lru<HttpError>({ ttlMs: 5_000, maxEntries: 100, maxSize: 100, now: clock }),
        gate,
        hotTier,
        refusedAgain: () => {},
        now: clock,
      }),
      cursors: new Cursors('secret'),
      metrics: own,
      tracer,
    }).routes,
  })
const [one, two] = [replica(), replica(() => {})]
let port = 0
let otherPort = 0
before(async () => {
  port = await one.listen()
  otherPort = await two.listen()
})
after(async () => {
  await Promise.all([one.stop(0), two.stop(0)])
  tls.close()
})
beforeEach(() => {
  asked = []
  answer = async () => {}
  shared = new Map()
  version = async () => 'v1'
  now += 100_000
})

const ask = (question: object | string, headers: Record<string, string> = {}, token = 'nd_acme', to = port) =>
  call(to, '/v1/query', {
    method: 'POST',
    body: typeof question === 'string' ? question : JSON.stringify(question),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  })
const settled = () => new Promise((resolve) => setImmediate(resolve))
const until = async (condition: () => boolean) => {
  while (!condition()) await settled()
}

test('answers with columns, rows, time and source', async () => {
  const { status, json } = await ask({})
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(json), ['columns', 'rows', 'cached', 'asOf', 'elapsedMs'])
  assert.deepEqual([json.columns, json.rows, json.cached], [['count'], [[1]], 'none'])
  assert.ok(Number.isInteger(json.elapsedMs))
})

test('a question is one trace, which says where its answer came from and nothing of the question', async () => {
  spans.length = 0
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const question = { filter: [{ field: 'host', op: 'eq', value: 'bob' }] }
  await ask(question, { traceparent })
  await ask(question)
  assert.deepEqual(parentage(spans), [
    'query > read',
    'answer > version',
    'answer > shared cache',
    'answer > wait in line',
    'answer > hot tier',
    'query > answer',
    'query',
    'query > read',
    'query > answer',
    'query',
  ])
  const answers = spans.filter(({ name }) => name === 'answer')
  assert.deepEqual(
    answers.map(({ attributes }) => attributes),
    [
      { 'nd.source': 'events', 'nd.cached': 'none' },
      { 'nd.source': 'events', 'nd.cached': 'L1' },
    ],
  )
  assert.equal(spans[0]?.context.traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
  assert.doesNotMatch(JSON.stringify(spans), /acme|bob/)
  spans.length = 0
  assert.equal((await ask('no json')).status, 400)
  assert.equal(spans.find(({ name }) => name === 'query')?.failure, 'BAD_QUERY')
})

test('a repeated question is answered from L1, on another replica from L2, later by the hot tier', async () => {
  const source = async (to = port) => (await ask({}, {}, 'nd_acme', to)).json.cached
  assert.equal(await source(), 'none')
  assert.equal(await source(), 'L1')
  assert.equal(await source(otherPort), 'L2')
  assert.equal(await source(otherPort), 'L1')
  assert.equal(asked.length, 1)
  now += 1_001
  assert.equal(await source(), 'L2')
  now += 1_001
  shared.clear()
  assert.equal(await source(), 'none')
})

test('no-cache asks the hot tier, and refreshes both levels', async () => {
  await ask({})
  const fresh = (await ask({}, { 'cache-control': 'no-cache' })).json
  assert.deepEqual([fresh.rows, fresh.cached], [[[2]], 'none'])
  const near = (await ask({})).json
  assert.deepEqual([near.rows, near.cached], [[[2]], 'L1'])
  now += 1_001
  const again = (await ask({})).json
  assert.deepEqual([again.rows, again.cached], [[[2]], 'L2'])
})

test('tenants never see the answer of another, whatever is in the caches', async () => {
  await ask({})
  const { json } = await ask({}, {}, 'nd_globex')
  assert.deepEqual([json.cached, json.rows], ['none', [[2]]])
  assert.deepEqual(
    asked.map(({ statement }) => statement.params.tenant),
    ['acme', 'globex'],
  )
  // Somebody writes the answer of one under the key of the other.
  const [acme, globex] = [...shared.keys()] as [string, string]
  shared.set(globex, shared.get(acme)!)
  now += 1_001
  assert.deepEqual((await ask({}, {}, 'nd_globex')).json.cached, 'none')
})

test('equal questions at the same time run once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  answer = () => promise
  const open = [ask({}), ask({ limit: 100 }), ask({}), ask({}, {}, 'nd_globex')]
  await until(() => asked.length === 2)
  await settled()
  resolve()
  const replies = await Promise.all(open)
  assert.deepEqual(
    replies.map(({ json }) => json.cached),
    ['none', 'none', 'none', 'none'],
  )
  assert.equal(asked.length, 2)
})

test('errors reach everybody who waits, and are not kept', async () => {
  answer = async () => {
    throw refusalOf('unavailable', 10_000)
  }
  for (const { status, json, headers } of await Promise.all([ask({}), ask({})]))
    assert.deepEqual([status, json.error, headers['retry-after']], [503, 'HOT_TIER_UNAVAILABLE', '2'])
  answer = async () => {}
  assert.equal((await ask({})).json.cached, 'none')
})

test('beyond what may run and wait: 503 BUSY at once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  answer = () => promise
  // One place is never one tenant's alone.
  const open = [1, 2].map((limit) => ask({ limit }))
  await until(() => gate.running === 1 && gate.waiting === 1)
  open.push(ask({}, {}, 'nd_globex'))
  await until(() => gate.running === 2 && gate.waiting === 1)
  assert.match(await metrics.text(), /^nd_queue_depth 3$/m)
  const refused = await ask({ limit: 4 })
  assert.deepEqual([refused.status, refused.json.error, refused.headers['retry-after']], [503, 'BUSY', '30'])
  resolve()
  for (const { status } of await Promise.all(open)) assert.equal(status, 200)
})

test('a caller who hangs up ends its statement, but not the one that others wait for', async () => {
  answer = () => new Promise(() => {})
  const hangUp = () => {
    const req = httpsRequest({
      port,
      host: '127.0.0.1',
      ca: authority.ca,
      path: '/v1/query',
      method: 'POST',
      agent: false,
    })
    req.on('error', () => {})
    req.setHeader('authorization', 'Bearer nd_acme')
    req.end('{}')
    return req
  }
  const [first, second] = [hangUp(), hangUp()]
  await until(() => asked.length === 1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  first.destroy()
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(asked[0]!.signal.aborted, false)
  second.destroy()
  await until(() => asked[0]!.signal.aborted)
  assert.equal(asked.length, 1)
})

test('who is not a tenant, or not of this region, is told so', async () => {
  const unknown = await ask({}, {}, 'nd_nobody')
  assert.deepEqual([unknown.status, unknown.json.error], [401, 'UNKNOWN_TOKEN'])
  const none = await call(port, '/v1/query', { method: 'POST', body: '{}' })
  assert.deepEqual([none.status, none.json.error], [401, 'NO_TOKEN'])
  const away = await ask({}, {}, 'nd_away')
  assert.deepEqual([away.status, away.json.error, away.json.homeRegion], [403, 'OTHER_HOME_REGION', 'us-east-1'])
  const foreign = await ask({ filter: [{ field: 'tenant', op: 'eq', value: 'globex' }] })
  assert.deepEqual([foreign.status, foreign.json.error], [403, 'OTHER_TENANT'])
  assert.equal(asked.length, 0)
})

test('what is no question is refused whole', async () => {
  for (const body of ['', '{', '[]', '7', '{"limit":0}', '\u{feff}{}x']) {
    const { status, json } = await ask(body)
    assert.deepEqual([status, json.error, json.problems.length], [400, 'BAD_QUERY', 1], body)
  }
  const bytes = await call(port, '/v1/query', {
    method: 'POST',
    body: Buffer.from([0x7b, 0xff, 0x7d]),
    headers: { authorization: 'Bearer nd_acme' },
  })
  assert.equal(bytes.json.error, 'BAD_QUERY')
  const deep = await ask('['.repeat(60_000))
  assert.equal(deep.json.error, 'BAD_QUERY')
  const large = await ask(JSON.stringify({ filter: ['x'.repeat(70_000)] }))
  assert.deepEqual([large.status, large.json.error], [413, 'TOO_LARGE'])
  assert.match(large.json.message, /65536 bytes/)
  assert.equal(asked.length, 0)
})

test('counts refusals and lookups by bounded labels', async () => {
  const text = await metrics.text()
  assert.match(text, /^nd_errors_total\{reason="OTHER_TENANT"\} 1$/m)
  assert.match(text, /^nd_errors_total\{reason="CANCELLED"\} 2$/m)
  assert.match(text, /^nd_cache_requests_total\{level="L1",result="hit"\} [1-9]/m)
  assert.match(text, /^nd_cache_requests_total\{level="L2",result="bad"\} 1$/m)
  assert.doesNotMatch(text, /acme|globex/)
})

import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { OutgoingRecord } from '../../../common/bus/bus.ts'
import { BusError } from '../../../common/bus/errors.ts'
import { silentLog } from '../../../common/log/log.ts'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import { serveAll, testTls } from '../../../common/testing/server.ts'
import { Gate } from '../gate.ts'
import { analyticsMetrics } from '../metrics.ts'
import type { Statement } from '../statement.ts'
import { Audit } from './audit.ts'
import { Budget } from './budget.ts'
import { Operators } from './operators.ts'

const { tls, call } = await testTls('analytics')
let written: OutgoingRecord[] = []
let asked: Statement[] = []
let kafka: () => Promise<void> = async () => {}
let count: () => Promise<number> = async () => 1
const gate = new Gate({ maxRunning: 2, maxWaiting: 4, waitMs: 60_000 })
const operators = new Operators({
  tenants: {
    findOperator: (token) =>
      ({ nd_ops: { name: 'ops', roles: ['cross-tenant' as const] }, nd_plain: { name: 'plain', roles: [] } })[token],
  },
  secret: 'secret',
  limits: { maxRows: 1_000, grainMs: 3_600_000 },
  rules: { minTenants: 5, largestShare: 0.5 },
  audit: new Audit({
    producer: {
      send: async (records) => {
        await kafka()
        // Before anything is asked.
        assert.equal(asked.length, 0)
        written.push(...(records as OutgoingRecord[]))
      },
    },
    region: 'local',
    log: silentLog,
  }),
  budget: new Budget({ counts: { increment: () => count() }, questionsPerDay: 200, now: () => 0 }),
  gate,
  hotTier: {
    run: async (statement) => {
      asked.push(statement)
      return {
        columns: ['channel', 'tenants', 'events', 'largest', 'members'],
        rows: [['Security', 12, 1_234, 321, 7]],
      }
    },
  },
  metrics: analyticsMetrics(createMetrics({ process: false }), gate, 1),
})
const server = serveAll(tls, operators.routes)
beforeEach(() => {
  written = []
  asked = []
  kafka = async () => {}
  count = async () => 1
})
const day = { from: '2026-01-05', to: '2026-01-06', groupBy: ['channel'] }
const ask = (body: unknown, token = 'nd_ops') =>
  call(server.port, '/v1/operators/query', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })

test('a question is written down first, and its answer names the record', async () => {
  const { status, json } = await ask(day)
  assert.deepEqual(
    [status, json.columns, json.rows[0].slice(0, 2)],
    [200, ['channel', 'tenants', 'events'], ['Security', 10]],
  )
  const [record] = written
  assert.deepEqual([record?.topic, record?.partition], ['audit.queries', 0])
  const { id, operator, region, question } = JSON.parse(record!.value.toString())
  assert.deepEqual([id, operator, region, question.groupBy], [json.audit, 'ops', 'local', ['channel']])
  assert.equal(asked.length, 1)
  // But for the record's name, which is drawn.
  assert.doesNotMatch(JSON.stringify({ ...json, audit: undefined }), /321|1234|members|largest/)
})

test('what cannot be written down is not answered', async () => {
  kafka = async () => {
    throw new BusError('UNAVAILABLE', 'no broker')
  }
  const { status, json, headers } = await ask(day)
  assert.deepEqual([status, json.error, headers['retry-after'], asked.length], [503, 'AUDIT_UNAVAILABLE', '5', 0])
})

test('neither what is beyond the day’s questions, nor what cannot be counted', async () => {
  count = async () => 201
  const spent = await ask(day)
  assert.deepEqual([spent.status, spent.json.error, spent.headers['retry-after']], [429, 'BUDGET_SPENT', '86400'])
  count = () => Promise.reject(new Error('Redis is away'))
  const unknown = await ask(day)
  assert.deepEqual([unknown.status, unknown.json.error], [503, 'BUDGET_UNAVAILABLE'])
  assert.equal(asked.length, 0)
  // The attempts stand in the record all the same.
  assert.equal(written.length, 2)
})

test('a tenant’s token is nobody’s here, and an operator without the role is refused', async () => {
  for (const token of ['nd_acme', 'nd_ops2', 'nd_op'])
    assert.deepEqual((await ask(day, token)).json.error, 'UNKNOWN_TOKEN')
  const plain = await ask(day, 'nd_plain')
  assert.deepEqual([plain.status, plain.json.error], [403, 'ROLE_MISSING'])
  assert.deepEqual([asked.length, written.length], [0, 0])
})

test('what could cut one tenant out of many cannot be asked', async () => {
  const problem = async (more: object) => {
    const { status, json } = await ask({ ...day, ...more })
    assert.deepEqual([status, json.error], [400, 'BAD_QUERY'], JSON.stringify(more))
    return json.problems[0] as string
  }
  const filter = (field: string, op: string, value: unknown) => ({ filter: [{ field, op, value }] })
  for (const field of ['tenant', 'event_id', 'batch', 'host', 'raw', 'time', 'arrival', 'size', 'delay'])
    assert.match(await problem(filter(field, 'eq', 'x')), /must be one of channel, code, provider/)
  for (const [op, value] of [
    ['ne', 'x'],
    ['contains', 'x'],
    ['prefix', 'x'],
    ['icontains', 'x'],
  ] as const)
    assert.match(await problem(filter('code', op, value)), /eq and in alone/)
  for (const field of ['host', 'batch', 'tenant']) assert.match(await problem({ groupBy: [field] }), /must be one of/)
  assert.match(await problem({ groupBy: [{ bucket: '1m' }] }), /whole multiples of 3600 s/)
  assert.match(await problem({ from: '2026-01-05T00:30Z' }), /whole multiples of 3600 s/)
  assert.match(await problem({ to: undefined }), /to is needed/)
  assert.match(await problem({ aggregate: 'uniq_id' }), /not known here/)
  assert.match(await problem({ groupBy: ['channel', 'code', 'provider'] }), /at most 2/)
  assert.deepEqual([asked.length, written.length], [0, 0])
})

test('SQL holds no value, names leave as pseudonyms, and a rare value of a filter is no value', async () => {
  await ask({
    ...day,
    groupBy: ['code', { bucket: '6h' }],
    filter: [{ field: 'channel', op: 'in', value: ["x' OR 1=1 --", 'Security'] }],
  })
  const [statement] = asked
  assert.doesNotMatch(statement!.sql, /OR 1=1|Security|2026/)
  assert.match(
    statement!.sql,
    /channel IN \(SELECT channel FROM siem\.events WHERE .* HAVING uniqExact\(tenant\) >= \{least:UInt32\}\)/,
  )
  assert.match(
    statement!.sql,
    /sipHash64Keyed\(\(\{key0:UInt64\}, \{key1:UInt64\}\), toString\(tenant\)\) AS pseudonym/,
  )
  assert.match(statement!.sql, /HAVING tenants >= \{least:UInt32\} AND largest <= events \* \{share:Float64\}/)
  assert.doesNotMatch(statement!.sql.slice(0, statement!.sql.indexOf('FROM (')), /tenant\b/)
})

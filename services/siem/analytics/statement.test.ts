import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { columns } from '../../common/hot-tier/schema.ts'
import { HttpError } from '../../common/http/errors.ts'
import { parseQuestion, type Question } from './question.ts'
import { sources } from './sources.ts'
import { type Statement, statementFor } from './statement.ts'
import { anything, question } from './testing/questions.ts'

const ask = (body: object) => statementFor(parseQuestion(body, 'acme', 10_000), 'acme')

test('nothing asked for counts the tenant', () => {
  assert.deepEqual(ask({}), {
    sql: 'SELECT count() AS count FROM siem.events WHERE tenant = {tenant:String} LIMIT {limit:UInt32}',
    params: { tenant: 'acme', limit: 100 },
    columns: [{ name: 'count', kind: 'count' }],
  } satisfies Statement)
})

test('conditions, span, groups and order', () => {
  const { sql, params } = ask({
    aggregate: 'uniq_id',
    timeField: 'arrival',
    from: '2026-01-05',
    to: '2026-01-06T00:00:00.5Z',
    filter: [{ field: 'code', op: 'ne', value: '4688' }],
    groupBy: ['channel', { bucket: '15m' }],
  })
  assert.equal(
    sql,
    'SELECT channel, toUnixTimestamp64Milli(arrival) - positiveModulo(toUnixTimestamp64Milli(arrival), {p1:Int64}) AS bucket, ' +
      'uniqExact(batch, line) AS uniq_id FROM siem.events WHERE tenant = {tenant:String} AND (code != {p0:String}) ' +
      "AND (arrival >= {from:DateTime64(3, 'UTC')}) AND (arrival < {to:DateTime64(3, 'UTC')}) " +
      'GROUP BY channel, bucket ORDER BY bucket, uniq_id DESC, channel LIMIT {limit:UInt32}',
  )
  assert.deepEqual(params, {
    p0: '4688',
    p1: 900_000,
    from: '2026-01-05 00:00:00.000',
    to: '2026-01-06 00:00:00.500',
    tenant: 'acme',
    limit: 100,
  })
})

test("an event's id is asked for by its parts", () => {
  const { sql, params } = ask({ filter: [{ field: 'event_id', op: 'eq', value: 'acme/b:1.x_y-z/17' }] })
  assert.match(sql, /WHERE tenant = \{tenant:String\} AND \(batch = \{p0:String\} AND line = \{p1:UInt32\}\) LIMIT/)
  assert.deepEqual([params.p0, params.p1], ['b:1.x_y-z', 17])
})

/** Every word that SQL of ours may hold. */
const words = new Set([
  ...'SELECT AS FROM WHERE AND IN GROUP BY ORDER DESC LIMIT HAVING'.split(' '),
  ...'count uniq_id uniqExact position startsWith toUnixTimestamp64Milli positiveModulo bucket siem events'.split(' '),
  ...'positionCaseInsensitive hasTokenCaseInsensitive has hasAny length toFloat64 arrayElement quantilesDD'.split(' '),
  ...'minOrNull maxOrNull avgOrNull sumOrNull uniq min max avg sum p50 p75 p90 p95 p99 p999 3600000 1 2 5 6 4'.split(
    ' ',
  ),
  ...'01 5 75 9 95 99 999'.split(' '),
  ...'String UInt32 Int64 Array Tuple DateTime64 UTC 3 0'.split(' '),
  ...Object.keys(columns),
  ...Object.keys(sources.events.fields),
  ...Object.keys(sources.alerts.fields),
  'alerts',
])

function check({ sql, params }: Statement): void {
  for (const [word] of sql.matchAll(/[^\s(){}:,.=<>!'-]+/g))
    assert.ok(words.has(word) || Object.hasOwn(params, word), `'${word}' stands in: ${sql}`)
  // The only text in quotes is the name of the time zone.
  assert.deepEqual(new Set(sql.match(/'[^']*'?/g)), new Set(sql.includes("'") ? ["'UTC'"] : []))
  const placeholders = [...sql.matchAll(/\{(\w+):/g)].map(([, name]) => name)
  assert.deepEqual(new Set(placeholders), new Set(Object.keys(params)))
  assert.equal(params.tenant, 'acme')
  // The tenant's condition is first, and an AND of the outermost level: what follows are whole parentheses.
  const rest =
    / WHERE tenant = \{tenant:String\}(.*?)(?: GROUP BY [^()]+)?(?: LIMIT \{perBucket:UInt32\} BY bucket)? LIMIT \{limit:UInt32\}$/.exec(
      sql,
    )?.[1]
  assert.ok(rest !== undefined, sql)
  let depth = 0
  let outside = ''
  for (const sign of rest) {
    if (sign === ')') depth--
    assert.ok(depth >= 0, sql)
    if (depth === 0) outside += sign
    if (sign === '(') depth++
  }
  assert.equal(depth, 0)
  assert.match(outside, /^(?: AND \(\))*$/)
}

test('of any question, SQL holds no value, and the tenant stands over everything', () => {
  fc.assert(
    fc.property(fc.oneof(question, anything), (body) => {
      let read: Question
      try {
        read = parseQuestion(body, 'acme', 10_000)
      } catch (error) {
        if (error instanceof HttpError) return
        throw error
      }
      const statement = statementFor(read, 'acme')
      check(statement)
      // The same question with other values is the same SQL.
      const lists = read.filter.map((condition) =>
        'op' in condition && typeof condition.value === 'string' ? { ...condition, value: 'other' } : condition,
      )
      assert.equal(statementFor({ ...read, filter: lists as Question['filter'] }, 'acme').sql, statement.sql)
    }),
    { numRuns: 1_000 },
  )
})

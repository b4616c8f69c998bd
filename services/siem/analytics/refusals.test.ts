import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClickHouseError } from '@clickhouse/client'
import { AnswerError } from './answer.ts'
import { diagnose, refusalOf } from './refusals.ts'

const secret = "SELECT 1 FROM siem.events WHERE tenant = 'acme'"
const said = (error: unknown) => {
  const { refusal, code } = diagnose(error)
  const { status, code: word, message, headers, cause } = refusalOf(refusal, 10_000)
  assert.doesNotMatch(`${message}${code}`, /SELECT|acme|DB::/)
  assert.equal(cause, undefined)
  return [status, word, headers['retry-after'], code] as const
}
const engine = (code: string) => new ClickHouseError({ message: `${secret} (ACME)`, code, type: 'ACME' })

test("the engine's errors, as callers see them", () => {
  assert.deepEqual(said(engine('159')), [504, 'QUERY_TIMEOUT', undefined, '159'])
  assert.deepEqual(said(engine('241')), [422, 'TOO_EXPENSIVE', undefined, '241'])
  assert.deepEqual(said(engine('396')), [422, 'TOO_EXPENSIVE', undefined, '396'])
  assert.deepEqual(said(engine('202')), [503, 'BUSY', '2', '202'])
  assert.deepEqual(said(engine('60')), [503, 'HOT_TIER_EMPTY', '2', '60'])
  assert.deepEqual(said(engine('81')), [503, 'HOT_TIER_EMPTY', '2', '81'])
  assert.deepEqual(said(engine('236')), [503, 'HOT_TIER_UNAVAILABLE', '2', '236'])
  assert.deepEqual(said(engine('516')), [503, 'HOT_TIER_UNAVAILABLE', '2', '516'])
  assert.deepEqual(said(engine('62')), [500, 'INTERNAL', undefined, '62'])
})

test('the way to the engine, and mistakes of ours', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:8443'), { code: 'ECONNREFUSED' })
  assert.deepEqual(said(refused), [503, 'HOT_TIER_UNAVAILABLE', '2', 'ECONNREFUSED'])
  assert.deepEqual(said(new Error('upstream connect error')), [503, 'HOT_TIER_UNAVAILABLE', '2', 'NO_ANSWER'])
  assert.deepEqual(said(new TypeError(secret)), [500, 'INTERNAL', undefined, 'TypeError'])
  assert.deepEqual(said(new AnswerError(secret)), [500, 'INTERNAL', undefined, 'Error'])
})

test('a slow or too large question learns how to ask less', () => {
  assert.match(refusalOf('timeout', 10_000).message, /within 10 s\. Narrow the time span/)
  assert.match(refusalOf('too-expensive', 10_000).message, /Narrow the time span/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HttpError } from '../../common/http/errors.ts'
import { cacheKey } from './answers.ts'
import { parseQuestion, type Question } from './question.ts'
import { sources } from './sources.ts'
import { statementFor } from './statement.ts'
import { anything, condition, question } from './testing/questions.ts'

const parse = (body: unknown) => parseQuestion(body, 'acme', 10_000)
const refused = (body: unknown): HttpError => {
  try {
    parse(body)
  } catch (error) {
    assert.ok(error instanceof HttpError, String(error))
    return error
  }
  assert.fail(`${JSON.stringify(body)} was taken`)
}
const key = (form: Question, tenant: string) =>
  cacheKey({ tenant, source: form.source, form, statement: statementFor(form, tenant) })
const problems = (body: unknown) => refused(body).details.problems as string[]
const filter = (field: string, op: string, value: unknown) => ({ filter: [{ field, op, value }] })

test('nothing asked for is a count of everything', () => {
  assert.deepEqual(parse({}), {
    source: 'events',
    aggregate: 'count',
    filter: [],
    timeField: 'time',
    from: null,
    to: null,
    groupBy: [],
    limit: 100,
    perBucket: null,
    fill: false,
  } satisfies Question)
})

test('every problem is reported at once, and says what is allowed', () => {
  assert.deepEqual(
    problems({
      agregate: 'count',
      aggregate: 'sum',
      timeField: 'raw',
      from: '5 January',
      to: 7,
      groupBy: ['raw', { bucket: '0s' }, { bucket: '1h', zone: 'CET' }],
      limit: 10_001,
      filter: [
        7,
        { field: 'user', op: 'eq', value: 'x' },
        { field: 'raw', op: 'eq', value: 'x' },
        { field: 'code', op: 'gt', value: 'x' },
        { field: 'code', op: 'in', value: [] },
        { field: 'code', op: 'in', value: ['1', 2] },
        { field: 'code', op: 'contains', value: '' },
        { field: 'code', op: 'eq', value: 4688 },
        { field: 'time', op: 'ge', value: '2026-02-30' },
        { field: 'event_id', op: 'eq', value: 'acme/batch' },
        { field: 'host', op: 'eq', valeu: 'x', value: 'x' },
      ],
    }),
    [
      '"agregate" is not known here: source, aggregate, filter, from, to, timeField, groupBy, limit, perBucket, fill are.',
      `aggregate ("sum") must be one of count, uniq_id, {"uniq": FIELD}, {"min": NUMBER} (max, avg, sum) or {"quantiles": ["p50", …], "of": NUMBER}; numbers are ${Object.keys(sources.events.numbers).join(', ')}.`,
      'filter[0] must be a condition {field, op, value}.',
      `filter[1].field ("user") must be one of ${Object.keys(sources.events.fields).join(', ')}.`,
      'filter[2].op ("eq") must be one of contains, icontains, word for the field \'raw\'.',
      'filter[3].op ("gt") must be one of eq, ne, in, contains, icontains, prefix for the field \'code\'.',
      'filter[4].value ([]) must be a list of 1 to 100 values.',
      'filter[5].value (["1",2]) has an element [1] that must be a text.',
      'filter[6].value ("") must be a text of at least one character.',
      'filter[7].value (4688) must be a text.',
      'filter[8].value ("2026-02-30") must be an ISO 8601 time with its zone, such as \'2026-01-05T13:45:00.250Z\', or a date (midnight UTC).',
      "filter[9].value (\"acme/batch\") must be an event's id, '<tenant>/<batch>/<line>'.",
      'filter[10]: "valeu" is not known here: field, op, value are.',
      'timeField ("raw") must be one of time, arrival.',
      'from ("5 January") must be an ISO 8601 time with its zone, such as \'2026-01-05T13:45:00.250Z\', or a date (midnight UTC).',
      "to (7) must be an ISO 8601 time with its zone, such as '2026-01-05T13:45:00.250Z', or a date (midnight UTC).",
      `groupBy[0] ("raw") must be one of ${sources.events.groups.join(', ')} or {"bucket": "1h"}.`,
      "groupBy[1].bucket (\"0s\") must be a whole number and one of s, m, h, d, from '1s' to '366d', such as '15m'.",
      'groupBy[2]: "zone" is not known here: bucket are.',
      'limit (10001) must be a whole number from 1 to 10000.',
    ],
  )
})

test('times: with a zone, real, of a year that the hot tier holds', () => {
  const at = (from: string) => parse({ from }).from
  assert.equal(at('2026-01-05'), Date.UTC(2026, 0, 5))
  assert.equal(at('2026-01-05T13:45Z'), Date.UTC(2026, 0, 5, 13, 45))
  assert.equal(at('2026-01-05T13:45:06.7+02:00'), Date.UTC(2026, 0, 5, 11, 45, 6, 700))
  assert.equal(at('1900-01-01'), Date.UTC(1900, 0, 1))
  for (const bad of [
    '2026-01-05T13:45',
    '2026-13-01',
    '2026-01-05T25:00Z',
    '2026-01-05 13:45Z',
    '2026-01-05T13:45:00.1234Z',
  ])
    assert.match(problems({ from: bad })[0]!, /ISO 8601/, bad)
  for (const bad of ['1899-12-31', '2300-01-01', '9999-12-31'])
    assert.match(problems({ from: bad })[0]!, /1900 to 2299/)
  assert.match(problems({ from: '2026-01-05', to: '2026-01-05' })[0]!, /from must be before to/)
})

test('values have their bounds', () => {
  const list = (length: number) => filter('code', 'in', Array.from({ length }, String))
  assert.equal(parse(list(100)).filter.length, 1)
  assert.match(problems(list(101))[0]!, /1 to 100 values/)
  assert.match(problems(filter('host', 'eq', 'x'.repeat(4_097)))[0]!, /at most 4096 characters/)
  assert.match(problems(filter('host', 'eq', 'a\ud800b'))[0]!, /well-formed Unicode/)
  assert.match(problems({ filter: Array.from({ length: 51 }, () => 0) })[0]!, /at most 50 conditions/)
  assert.match(problems({ groupBy: ['code', 'host', 'batch', 'channel'] })[0]!, /at most 3/)
  assert.match(problems({ groupBy: ['code', 'code'] })[0]!, /anything twice/)
  assert.match(problems({ groupBy: [{ bucket: '1h' }, { bucket: '1d' }] })[0]!, /anything twice/)
  assert.match(problems(filter('event_id', 'eq', 'acme/b/4294967296'))[0]!, /event's id/)
  assert.match(problems(filter('event_id', 'eq', 'acme/b/01'))[0]!, /event's id/)
  assert.match(problems([])[0]!, /JSON object/)
  assert.match(problems(JSON.parse('{"__proto__": 1}'))[0]!, /"__proto__" is not known/)
  assert.match(problems(filter('constructor', 'eq', 'x'))[0]!, /must be one of/)
  assert.ok(refused({ filter: [{ field: 'x'.repeat(60_000) }] }).message.length < 1_000)
})

test('whatever reaches for another tenant is 403, and not more is said', () => {
  const foreign = [
    filter('tenant', 'eq', 'globex'),
    filter('tenant', 'ne', 'acme'),
    filter('tenant', 'in', ['acme', 'globex']),
    filter('tenant', 'prefix', ''),
    filter('tenant', 'eq', 'acme '),
    filter('tenant', 'eq', ['acme']),
    filter('event_id', 'eq', 'globex/b/0'),
    filter('event_id', 'in', ['acme/b/0', 'globex/b/0']),
    { ...filter('tenant', 'eq', 'globex'), limit: 'many' },
  ]
  for (const body of foreign) {
    const error = refused(body)
    assert.deepEqual([error.status, error.code], [403, 'OTHER_TENANT'], JSON.stringify(body))
    assert.match(error.message, /for its own tenant alone/)
    assert.doesNotMatch(error.message, /globex/)
  }
  assert.deepEqual(parse(filter('tenant', 'eq', 'acme')), parse({}))
})

test('equal questions have one form, and one key; tenants never share one', () => {
  const one = parse({
    filter: [
      { field: 'code', op: 'in', value: ['2', '1', '2'] },
      { op: 'eq', value: 'h', field: 'host' },
    ],
    from: '2026-01-05T01:00:00+01:00',
  })
  const other = parse({
    from: '2026-01-05',
    limit: 100,
    filter: [
      { field: 'host', op: 'eq', value: 'h' },
      { field: 'tenant', op: 'eq', value: 'acme' },
      { field: 'code', op: 'in', value: ['1', '2'] },
      { field: 'host', op: 'eq', value: 'h' },
    ],
  })
  assert.equal(key(one, 'acme'), key(other, 'acme'))
  assert.notEqual(key(one, 'acme'), key(one, 'globex'))
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 4 }), (conditions) => {
      const forward = well(() => parse({ filter: conditions }))
      if (forward) assert.equal(key(forward, 'a'), key(parse({ filter: conditions.toReversed() }), 'a'))
    }),
  )
})

/** Undefined where a generated text is half of a surrogate pair. */
function well(read: () => Question): Question | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

test('anything at all is taken or refused in sentences', () => {
  fc.assert(
    fc.property(fc.oneof(anything, question), (body) => {
      try {
        parse(body)
      } catch (error) {
        assert.ok(error instanceof HttpError)
        assert.ok([400, 403].includes(error.status))
        assert.ok(error.message.endsWith('.'))
      }
    }),
    { numRuns: 500 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Cursors } from './cursor.ts'
import { type Page, parseSearch, piecesOf, searchStatement } from './search.ts'

const cursors = new Cursors('secret')
const read = (body: object) => parseSearch(body, 'acme', 1_000, cursors)

test('a page begins where the one before ended, by the sort key and not by a count', () => {
  const page = read({ filter: [{ field: 'code', op: 'eq', value: '1' }], columns: ['raw', 'host'], limit: 10 })
  const cursor = cursors.seal(['2026-01-05T10:00:00.000Z', 'b', 7], 'acme', page.search)
  const { sql, params, columns } = searchStatement(
    read({ columns: ['host', 'raw'], limit: 10, filter: [{ field: 'code', op: 'eq', value: '1' }], cursor }),
    'acme',
    0,
  )
  assert.equal(
    sql,
    'SELECT toUnixTimestamp64Milli(time) AS at_time, batch, line, host, raw FROM siem.events ' +
      "WHERE tenant = {tenant:String} AND (code = {p0:String}) AND (time <= {after0:DateTime64(3, 'UTC')}) " +
      "AND ((time, batch, line) < ({after0:DateTime64(3, 'UTC')}, {after1:String}, {after2:UInt32})) " +
      'ORDER BY time DESC, batch DESC, line DESC LIMIT {limit:UInt32}',
  )
  assert.deepEqual([params.after0, params.after1, params.after2, params.limit], ['2026-01-05 10:00:00.000', 'b', 7, 11])
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['time', 'batch', 'line', 'host', 'raw'],
  )
})

test('what a search may not be', () => {
  const problems = (body: object) => {
    try {
      read(body)
    } catch (error) {
      return (error as { details: { problems: string[] } }).details.problems
    }
    assert.fail('It was taken.')
  }
  assert.match(problems({ cursor: 'AQ' })[0]!, /is not a cursor of this search/)
  assert.match(problems({ cursor: 7 })[0]!, /is not a cursor/)
  assert.match(problems({ limit: 1_001 })[0]!, /from 1 to 1000/)
  assert.match(problems({ columns: ['tenant'] })[0]!, /names "tenant"; there are/)
  assert.match(problems({ columns: ['raw; DROP'] })[0]!, /names "raw; DROP"/)
  assert.match(problems({ source: 'parts' })[0]!, /must be one of events, alerts/)
  assert.match(problems({ order: 'time' })[0]!, /must be one of desc, asc/)
})

const hour = 3_600_000
const span = (search: Partial<Page['search']>, after: Page['after'] = null) =>
  piecesOf({ search: { ...read({}).search, ...search }, after }, 100 * hour)

test('a page looks near its begin first, then further away', () => {
  assert.deepEqual(span({}), [
    { from: 99 * hour, to: null },
    { from: 76 * hour, to: 99 * hour },
    { from: null, to: 76 * hour },
  ])
  assert.deepEqual(span({ from: 40 * hour, to: 50 * hour }), [
    { from: 49 * hour, to: 50 * hour },
    { from: 40 * hour, to: 49 * hour },
  ])
  assert.deepEqual(span({ order: 'asc', from: 40 * hour }), [
    { from: 40 * hour, to: 41 * hour },
    { from: 41 * hour, to: 64 * hour },
    { from: 64 * hour, to: null },
  ])
  const at = new Date(45 * hour).toISOString()
  assert.equal(span({ from: 40 * hour, to: 50 * hour }, [at, 'b', 1])[0]!.to, 45 * hour + 1)
  assert.equal(span({ order: 'asc' }).length, 1)
  assert.equal(span({ from: 50 * hour - 1_000, to: 50 * hour }).length, 1)
})

test('law: the pieces cover the span once, in the order of the page', () => {
  const time = fc.option(fc.integer({ min: 0, max: 200 * hour }))
  fc.assert(
    fc.property(time, time, fc.constantFrom('desc' as const, 'asc' as const), (from, to, order) => {
      fc.pre(from === null || to === null || from < to)
      const pieces = span({ from, to, order })
      const rising = order === 'asc' ? pieces : [...pieces].reverse()
      assert.deepEqual([rising[0]!.from, rising.at(-1)!.to], [from, to])
      for (const [i, piece] of rising.entries()) {
        if (i > 0) assert.equal(piece.from, rising[i - 1]!.to)
        if (piece.from !== null && piece.to !== null) assert.ok(piece.from < piece.to)
      }
    }),
  )
})

test('what is filtered is looked for at once', () => {
  assert.equal([...(searchStatement(read({}), 'acme').pieces?.of ?? [])].length, 3)
  assert.equal(searchStatement(read({ filter: [{ field: 'code', op: 'eq', value: '1' }] }), 'acme').pieces, undefined)
})

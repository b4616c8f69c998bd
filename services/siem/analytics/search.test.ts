import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cursors } from './cursor.ts'
import { parseSearch, searchStatement } from './search.ts'

const cursors = new Cursors('secret')
const read = (body: object) => parseSearch(body, 'acme', 1_000, cursors)

test('a page begins where the one before ended, by the sort key and not by a count', () => {
  const page = read({ filter: [{ field: 'code', op: 'eq', value: '1' }], columns: ['raw', 'host'], limit: 10 })
  const cursor = cursors.seal(['2026-01-05T10:00:00.000Z', 'b', 7], 'acme', page.search)
  const { sql, params, columns } = searchStatement(
    read({ columns: ['host', 'raw'], limit: 10, filter: [{ field: 'code', op: 'eq', value: '1' }], cursor }),
    'acme',
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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapshotError } from './snapshot.ts'
import { brief, correlationsOf, Feed, roomy } from './testing/correlate.ts'

const count = correlationsOf('{type: event_count, rules: [a], group-by: [user], timespan: 10s, condition: {gte: 3}}')
const user = { user: 'alice' }

test('a count fires at the event that fills it, with the events that did', () => {
  const feed = new Feed(count)
  assert.deepEqual([...feed.event('a', 0, user), ...feed.event('a', 4, user)], [])
  const [found] = feed.event('a', 10, user)
  assert.ok(found)
  assert.deepEqual(brief(found), ['c0', 'alice', 0, 10, 'e0', 'e1', 'e2'])
  assert.deepEqual([found.value, found.count, found.tenant, found.group], [3, 3, 't', { user: 'alice' }])
  assert.match(found.id, /^[0-9a-f]{32}$/)
})

test('a window ends with its timespan, its first instant included', () => {
  const feed = new Feed(count)
  for (const at of [0, 5, 10.001]) feed.event('a', at, user)
  assert.deepEqual(feed.found, [])
})

test('a detection silences its group for a timespan; the next one shares no event with it', () => {
  const feed = new Feed(count)
  for (let at = 0; at <= 30; at++) feed.event('a', at, user)
  assert.deepEqual(
    feed.found.map(({ start, end }) => [start / 1_000, end / 1_000]),
    [
      [0, 2],
      [3, 13],
      [14, 24],
    ],
  )
  assert.ok(feed.correlator.counters.suppressed > 0)
})

test('groups are apart; case does not make two, and an event without the field is in none', () => {
  const feed = new Feed(count)
  feed.event('a', 0, { user: 'Alice' })
  feed.event('a', 1, { user: 'bob' })
  feed.event('a', 2, { user: 'ALICE' })
  feed.event('a', 3, { user: null })
  feed.event('a', 4)
  feed.event('a', 5, { user: 'alice' })
  assert.deepEqual(feed.found.map(brief), [['c0', 'Alice', 0, 5, 'e0', 'e2', 'e5']])
  assert.equal(feed.correlator.counters.ungrouped, 2)
})

test('tenants are apart', () => {
  const feed = new Feed(count)
  for (const [at, tenant] of ['t1', 't2', 't1', 't2', 't1'].entries()) feed.event('a', at, user, tenant)
  assert.deepEqual(
    feed.found.map(({ tenant, events }) => [tenant, ...events]),
    [['t1', 'e0', 'e2', 'e4']],
  )
})

test("the specification's example: many failed logins, then one that succeeds", () => {
  const feed = new Feed(
    correlationsOf(
      '{type: temporal_ordered, rules: [many, b], group-by: [user], timespan: 10m}',
      '{name: many, type: event_count, rules: [a], group-by: [user], timespan: 10m, condition: {gte: 3}}',
    ),
  )
  feed.event('b', 0, user)
  for (const at of [1, 2, 3]) feed.event('a', at, user)
  feed.event('b', 4, { user: 'bob' })
  assert.deepEqual(feed.found, [])
  feed.event('b', 5, user)
  assert.deepEqual(feed.found.map(brief), [['c0', 'alice', 3, 5, 'e1', 'e2', 'e3', 'e5']])
})

test('rules that occur at one time are not in order, but near', () => {
  const feed = new Feed(
    correlationsOf(
      '{type: temporal_ordered, rules: [a, b], timespan: 10s}',
      '{type: temporal, rules: [a, b], timespan: 10s}',
    ),
  )
  feed.event('a', 1)
  feed.event('b', 1)
  assert.deepEqual(feed.found.map(brief), [['c1', 1, 1, 'e0', 'e1']])
  feed.event('b', 2)
  assert.deepEqual(feed.found.slice(1).map(brief), [['c0', 1, 2, 'e0', 'e2']])
})

test('what more events can undo waits for the watermark', () => {
  const feed = new Feed(correlationsOf('{type: event_count, rules: [a], timespan: 10s, condition: {gte: 2, lte: 3}}'))
  for (const at of [0, 1]) feed.event('a', at)
  assert.deepEqual(feed.found, [])
  feed.event('a', 0.5)
  feed.event('a', 12)
  assert.deepEqual(feed.found.map(brief), [['c0', 0, 0.5, 'e0', 'e2']])
})

test('an event that comes late still counts until its time is settled', () => {
  const feed = new Feed(count)
  for (const at of [0, 1, 11.9]) feed.event('a', at, user)
  assert.deepEqual(feed.found, [])
  feed.event('a', 2, user)
  assert.deepEqual(feed.found, [], 'the newest window has two events')
  feed.event('a', 0.5, user)
  assert.equal(feed.correlator.counters.late, 1)
  feed.event('a', 30, user)
  assert.deepEqual(feed.found.map(brief), [['c0', 'alice', 0, 2, 'e0', 'e1', 'e3']])
})

test('steps that came out of order are a chain for what comes after them', () => {
  const rule = correlationsOf('{type: temporal_ordered, rules: [a, b, c], timespan: 60s}')
  const few = new Feed(rule)
  for (const [name, at] of [
    ['b', 2],
    ['a', 1],
    ['b', 30],
  ] as const)
    few.event(name, at)
  assert.deepEqual(few.event('c', 40).map(brief), [['c0', 1, 40, 'e1', 'e0', 'e3']])

  const many = new Feed(rule)
  for (let n = 0; n < 80; n++) many.event('b', 2 + n / 10)
  for (const [name, at] of [
    ['a', 1.5],
    ['c', 40],
    ['b', 80],
  ] as const)
    many.event(name, at)
  assert.deepEqual(many.found.map(brief), [['c0', 1.5, 40, 'e80', 'e0', 'e81']], 'found when it is settled')
})

test('a silent tenant is settled by the arrival clock, and only then', () => {
  const feed = new Feed(correlationsOf('{type: event_count, rules: [a], timespan: 10s, condition: {eq: 2}}'))
  feed.advance(1_000)
  for (const at of [0, 1]) feed.event('a', at)
  assert.deepEqual(feed.advance(1_009), [])
  assert.deepEqual(feed.advance(1_010).map(brief), [['c0', 0, 1, 'e0', 'e1']])
})

test('a host whose clock is ahead does not make the others late', () => {
  const feed = new Feed(count)
  feed.advance(100)
  feed.event('a', 90_000, { user: 'bob' })
  for (const at of [98, 99, 99.5]) feed.event('a', at, user)
  assert.deepEqual(feed.found.map(brief), [['c0', 'alice', 98, 99.5, 'e1', 'e2', 'e3']])
  assert.equal(feed.correlator.counters.late, 0)
})

test('windows of a tenant that is silent for long are forgotten', () => {
  const feed = new Feed(count, { idle: 60_000 })
  feed.advance(0)
  for (const at of [0, 1]) feed.event('a', at, user)
  feed.advance(69)
  assert.equal(feed.correlator.size, 2)
  feed.advance(70)
  assert.equal(feed.correlator.size, 0)
})

test('over the limit of groups the one used longest ago goes, and is told', () => {
  const told: string[] = []
  const feed = new Feed(count, { limits: { ...roomy, groups: 2 }, evicted: (...what) => told.push(what.join(' ')) })
  for (const [at, name] of ['alice', 'bob', 'alice', 'carol', 'alice', 'bob', 'bob'].entries())
    feed.event('a', at, { user: name })
  assert.deepEqual(
    feed.found.map(({ group }) => group),
    [{ user: 'alice' }],
  )
  assert.deepEqual(told, ['group c0 t', 'group c0 t'])
  assert.equal(feed.correlator.counters.evictedGroups, 2)
})

test('over the limit of a group the oldest event goes', () => {
  const feed = new Feed(
    correlationsOf('{type: value_count, rules: [a], timespan: 1m, condition: {gte: 3, field: port}}'),
    {
      limits: { ...roomy, eventsPerGroup: 2 },
    },
  )
  for (const port of [1, 2, 3]) feed.event('a', port, { port })
  assert.deepEqual([feed.found, feed.correlator.size, feed.correlator.counters.evictedEvents], [[], 2, 1])
})

test('a tenant over its limit loses its own events, and no other does', () => {
  const feed = new Feed(count, { limits: { ...roomy, eventsPerTenant: 4 } })
  feed.event('a', 0, user, 'small')
  feed.event('a', 1, user, 'small')
  for (let at = 0; at < 50; at++) feed.event('a', 1 + at / 100, { user: `u${at}` }, 'large')
  assert.equal(feed.correlator.size, 6)
  feed.event('a', 2, user, 'small')
  assert.deepEqual(
    feed.found.map(({ tenant }) => tenant),
    ['small'],
  )
})

test('a flood in one group does not take another rule of the tenant', () => {
  const feed = new Feed([...count, ...correlationsOf('{type: temporal, rules: [b, c], timespan: 1h}')], {
    limits: { ...roomy, eventsPerTenant: 5 },
  })
  feed.event('b', 0)
  for (let at = 0; at < 20; at++) feed.event('a', at / 10, user)
  feed.event('c', 3)
  assert.deepEqual(
    feed.found.map(({ rule }) => rule.type),
    ['event_count', 'temporal'],
  )
})

test('long evidence is cut to the newest events, and counted whole', () => {
  const feed = new Feed(correlationsOf('{type: event_count, rules: [a], timespan: 1m, condition: {gte: 5}}'), {
    limits: { ...roomy, evidence: 2 },
  })
  for (let at = 0; at < 5; at++) feed.event('a', at)
  assert.deepEqual(
    feed.found.map(({ events, count: all }) => [events, all]),
    [[['e3', 'e4'], 5]],
  )
})

test('a replay gives the same ids', () => {
  const ids = () => {
    const feed = new Feed(count)
    for (let at = 0; at <= 30; at++) feed.event('a', at, user)
    return feed.found.map(({ id }) => id)
  }
  assert.deepEqual(ids(), ids())
  assert.equal(new Set(ids()).size, 3)
})

test('after a change of rules, state of those that stayed the same goes on', () => {
  const other = '{name: other, type: event_count, rules: [b], timespan: 10s, condition: {gte: 2}}'
  const before = new Feed(correlationsOf('{type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}', other))
  before.event('a', 0)
  before.event('b', 0)
  const after = new Feed(correlationsOf('{type: event_count, rules: [a], timespan: 20s, condition: {gte: 2}}', other))
  assert.deepEqual(after.correlator.restore(before.correlator.snapshot()), ['c0'])
  after.event('c', 0)
  after.event('c', 0)
  after.event('a', 1)
  after.event('b', 1)
  assert.deepEqual(
    after.found.map(({ rule }) => rule.id),
    ['other'],
  )
})

test('a snapshot that cannot be read is refused', () => {
  const { correlator } = new Feed(count)
  const snapshot = correlator.snapshot()
  assert.throws(
    () => correlator.restore(Buffer.of(9, 1, 2)),
    new SnapshotError('The snapshot is of version 9, and this engine reads 1.'),
  )
  assert.throws(() => correlator.restore(Buffer.alloc(0)), SnapshotError)
  assert.throws(
    () => correlator.restore(snapshot.subarray(0, snapshot.length - 3)),
    new SnapshotError('The snapshot is damaged.'),
  )
})

test('only changes of the state count as changes', () => {
  const feed = new Feed(count)
  const { changes } = feed.correlator
  feed.event('b', 0)
  assert.equal(feed.correlator.changes, changes)
  feed.event('a', 0, user)
  assert.ok(feed.correlator.changes > changes)
})

test('an event that a sender repeats counts once, and is counted as repeated', () => {
  const feed = new Feed(count)
  for (let at = 0; at < 4; at++) feed.event('a', at, user)
  const again = { rule: 0, tenant: 't', time: 1_000, ref: 'e1', field: () => 'alice' }
  assert.deepEqual(feed.correlator.observe(again), [])
  assert.deepEqual([feed.correlator.size, feed.correlator.counters.repeated], [4, 1])
})

test('an event that a sender repeats does not keep a group whose windows are over', () => {
  const feed = new Feed(count)
  feed.event('a', 0, user)
  feed.event('a', 5, { user: 'bob' })
  feed.correlator.observe({ rule: 0, tenant: 't', time: 0, ref: 'e0', field: () => 'alice' })
  feed.event('a', 22, { user: 'carol' })
  assert.equal(feed.correlator.size, 2)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brief, correlationsOf, Feed } from './testing/correlate.ts'

const without = (condition: string, more = '') =>
  `{type: temporal, rules: [a, b, c], timespan: 10s, condition: ${condition}${more}}`
const lonely = correlationsOf(`{type: temporal, rules: [a, b], timespan: 10s, condition: a and not b}`)

test('that something does not happen is told when the window is over that its counterpart opened, and no earlier', () => {
  const feed = new Feed(lonely)
  feed.event('a', 0)
  // The watermark is ten seconds behind.
  feed.event('a', 20)
  assert.deepEqual(feed.found, [])
  const [found] = feed.event('a', 21)
  assert.ok(found)
  assert.deepEqual(brief(found), ['c0', 0, 10, 'e0'])
  assert.deepEqual([found.value, found.count], [1, 1])
})

test('a window has its first and its last instant, and what happened before it does not count', () => {
  for (const [second, found] of [
    [-0.001, 1],
    [0, 0],
    [10, 0],
    [10.001, 1],
  ] as const) {
    const feed = new Feed(lonely)
    feed.event('b', second)
    feed.event('a', 0)
    feed.event('a', 20)
    assert.equal(feed.event('a', 21).length, found, `b at ${second}`)
  }
})

test('one event that is both is no absence', () => {
  const { correlator } = new Feed(lonely)
  for (const rule of [0, 1]) correlator.observe({ rule, tenant: 't', time: 0, ref: 'both', field: () => undefined })
  assert.deepEqual(correlator.finish(Number.POSITIVE_INFINITY), [])
})

test('what comes late, within the lateness, still counts', () => {
  const feed = new Feed(lonely)
  feed.event('a', 0)
  feed.event('a', 19)
  feed.event('b', 10)
  feed.event('a', 21)
  assert.deepEqual(feed.found, [])
})

test('nobody knows of a window that is not over when events end', () => {
  const feed = new Feed(lonely)
  feed.event('a', 0)
  feed.event('a', 9)
  assert.deepEqual(feed.correlator.finish(), [])
  const longer = new Feed(lonely)
  longer.event('a', 0)
  // Events that no rule matches show that time went on.
  assert.deepEqual(longer.correlator.finish(9_999), [])
  const again = new Feed(lonely)
  again.event('a', 0)
  assert.deepEqual(again.correlator.finish(10_000).map(brief), [['c0', 0, 10, 'e0']])
})

test('in silence the arrival clock ends windows, for a tenant that sends old events too', () => {
  for (const behind of [0, 86_400]) {
    const feed = new Feed(lonely)
    feed.advance(100_000)
    feed.event('a', 100_000 - behind)
    // The window, and what may come late.
    assert.deepEqual(feed.advance(100_019.999), [])
    const [found] = feed.advance(100_020)
    assert.ok(found)
    assert.deepEqual(brief(found), ['c0', 100_000 - behind, 100_010 - behind, 'e0'])
    assert.deepEqual(feed.advance(100_100), [])
  }
})

test('a clock that is ahead ends no window before its time', () => {
  const feed = new Feed(lonely)
  feed.advance(1_000)
  feed.event('a', 1_050)
  assert.deepEqual(feed.advance(1_069.999), [])
  assert.equal(feed.advance(1_070).length, 1)
})

test('an event for a window that is over already changes nothing of it, and later ones are right', () => {
  const rules = correlationsOf(
    '{name: quiet, type: temporal, rules: [a, b], timespan: 10s, condition: a and not b}',
    '{type: temporal, rules: [quiet, c], timespan: 30s, condition: quiet and not c}',
  )
  const feed = new Feed(rules)
  feed.advance(1_000)
  feed.event('a', 1_000)
  feed.advance(1_100)
  // A host that was cut off. It is not late: nothing newer was seen of the tenant, and silence makes nobody late.
  feed.event('c', 1_005)
  feed.event('a', 1_035)
  feed.event('c', 1_055)
  feed.advance(1_300)
  assert.deepEqual(feed.found.map(brief), [['c1', 1_010, 1_040, 'e0']])
})

test('in order: the rules that must occur do so one after the other', () => {
  const rules = correlationsOf(
    '{type: temporal_ordered, rules: [a, b, c], timespan: 10s, condition: a and b and not c}',
  )
  const feed = new Feed(rules)
  feed.event('b', 0)
  feed.event('a', 1)
  feed.event('a', 30)
  feed.event('b', 31)
  feed.event('a', 60)
  feed.event('b', 61)
  feed.event('c', 62)
  assert.deepEqual([...feed.found, ...feed.correlator.finish(1e9)].map(brief), [['c0', 30, 40, 'e2', 'e3']])
})

test('each alternative has windows of its own', () => {
  const feed = new Feed(correlationsOf(without('a and not b or c and b and not a')))
  feed.event('a', 0)
  feed.event('b', 5)
  feed.event('c', 6)
  // c and b without a holds from 5 on; the window that a opened at 0 has all three.
  feed.event('c', 40)
  feed.event('a', 43)
  // c opened no window of the alternative that wants a alone.
  assert.deepEqual([...feed.found, ...feed.correlator.finish(1e9)].map(brief), [
    ['c0', 5, 15, 'e1', 'e2'],
    ['c0', 43, 53, 'e4'],
  ])
})

test('an absence of an absence waits for both windows, also beyond the time after which others are forgotten', () => {
  const rules = correlationsOf(
    '{name: quiet, type: temporal, rules: [a, b], timespan: 10s, condition: a and not b}',
    '{type: temporal, rules: [quiet, c], timespan: 30s, condition: quiet and not c, generate: true}',
  )
  const feed = new Feed(rules, { idle: 1_000 })
  feed.advance(1_000)
  feed.event('a', 1_000)
  for (let second = 1_001; second <= 1_060; second++) feed.advance(second)
  assert.deepEqual(feed.found.map(brief), [
    ['c0', 1_000, 1_010, 'e0'],
    ['c1', 1_010, 1_040, 'e0'],
  ])
  for (let second = 1_061; second <= 1_100; second++) feed.advance(second)
  assert.equal(feed.correlator.size, 0)
})

test('a detection silences its group for a timespan', () => {
  const feed = new Feed(lonely)
  for (const second of [0, 4, 10, 11, 25]) feed.event('a', second)
  assert.deepEqual(
    [...feed.found, ...feed.correlator.finish(1e9)].map(({ start, end }) => [start / 1_000, end / 1_000]),
    [
      [0, 10],
      [11, 21],
      [25, 35],
    ],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertsFrom, committedText, restorePoint, startOf } from './positions.ts'

const snapshot = (epoch: number, offset: bigint, alerts: bigint) => ({
  slot: 1,
  epoch,
  offset,
  alerts,
  state: Buffer.alloc(0),
})
const committed = (offset: bigint, alerts: bigint) => ({ offset, metadata: committedText(alerts) })

test('a slot goes on at the later of its snapshot and the commit, which says that it did not change in between', () => {
  assert.equal(startOf(snapshot(1, 90n, 5n), 1, committed(100n, 7n)), 100n)
  assert.equal(startOf(snapshot(1, 110n, 9n), 1, committed(100n, 7n)), 110n)
  assert.equal(restorePoint(snapshot(1, 90n, 5n), 1, committed(100n, 7n)), 7n)
  assert.equal(restorePoint(snapshot(1, 110n, 9n), 1, committed(100n, 7n)), 9n)
})

test('a slot that another shard had goes on exactly where that one stopped, whatever this one committed', () => {
  assert.equal(startOf(snapshot(1, 90n, 5n), 2, committed(100n, 7n)), 90n)
  assert.equal(startOf(snapshot(1, 110n, 9n), 2, committed(100n, 7n)), 110n)
  assert.equal(restorePoint(snapshot(1, 90n, 5n), 2, committed(100n, 7n)), 5n)
})

test('where its own snapshot is where a slot goes on, a commit from before the slot came says nothing of its alerts', () => {
  assert.equal(restorePoint(snapshot(2, 110n, 5n), 2, committed(100n, 7n)), 5n)
  assert.equal(restorePoint(snapshot(2, 100n, 5n), 2, committed(100n, 7n)), 5n)
})

test('what is saved while a slot looks again at what was looked at before leads back to the alerts of then', () => {
  const again = { until: 50n, alerts: 3n }
  assert.equal(alertsFrom(49n, 9n, again), 3n)
  assert.equal(alertsFrom(50n, 9n, again), 9n)
  assert.equal(alertsFrom(49n, 2n, again), 2n)
  assert.equal(alertsFrom(0n, 9n, undefined), 9n)
})

test('a slot without a snapshot never changed; without a commit everything is new', () => {
  assert.equal(startOf(undefined, 1, committed(100n, 7n)), 100n)
  assert.equal(restorePoint(undefined, 1, committed(100n, 7n)), 7n)
  assert.deepEqual([startOf(undefined, 1, undefined), restorePoint(undefined, 1, undefined)], [0n, 0n])
})

test('a commit with a text of another version is safe: all alerts are looked at', () => {
  for (const metadata of ['', '{', '{"alerts":7}', 'null'])
    assert.equal(restorePoint(undefined, 1, { offset: 1n, metadata }), 0n)
})

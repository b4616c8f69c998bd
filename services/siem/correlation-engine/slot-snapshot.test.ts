import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import { type SlotSnapshot, SnapshotFold, snapshotRecords } from './slot-snapshot.ts'

const snapshot = (more: Partial<SlotSnapshot> = {}): SlotSnapshot => ({
  slot: 7,
  epoch: 1,
  offset: 10n,
  alerts: 3n,
  state: Buffer.from('state'),
  ...more,
})
const all = () => true
const fold = (...records: readonly ReturnType<typeof snapshotRecords>[number][]) => {
  const it = new SnapshotFold()
  for (const record of records) it.apply(record, all)
  return it
}

test('a snapshot is read as it was written, in one record or in many', () => {
  for (const size of [0, 5, 3 * 2 ** 20]) {
    const written = snapshot({ state: Buffer.alloc(size, 'x'), final: 'm-1' })
    const records = snapshotRecords(written, 3, 0)
    assert.equal(records.length, size > 2 ** 20 ? 5 : 1)
    for (const { value } of records) assert.ok(value.length <= maxValueBytes('correlation.state'))
    const { side: _, ...read } = fold(...records).of(7) as SlotSnapshot & { side: number }
    assert.deepEqual(read, written)
  }
})

test('of several, the one of the highest epoch counts, then of the highest offset', () => {
  const [a, b, c] = [
    snapshot({ epoch: 2, offset: 5n }),
    snapshot({ epoch: 1, offset: 90n }),
    snapshot({ epoch: 2, offset: 6n }),
  ].map((one) => snapshotRecords(one, 0, 0)[0]!) as [never, never, never]
  for (const order of [
    [a, b, c],
    [c, b, a],
    [b, c, a],
  ])
    assert.equal(fold(...order).of(7)?.offset, 6n)
})

test('a long snapshot that was not finished leaves the one before it whole', () => {
  const before = snapshotRecords(snapshot({ state: Buffer.alloc(2 ** 21, 'a') }), 0, 0)
  const it = fold(...before)
  const next = snapshotRecords(snapshot({ offset: 20n, state: Buffer.alloc(2 ** 21, 'b') }), 0, it.sideFor(7))
  const compacted = new Map([...before, ...next.slice(0, -1)].map((record) => [record.key!.toString('hex'), record]))
  const found = fold(...compacted.values()).of(7)
  assert.deepEqual([found?.offset, found?.state.equals(Buffer.alloc(2 ** 21, 'a'))], [10n, true])
})

test('what is no snapshot, a removal, or somebody else’s slot is passed over', () => {
  const it = fold(snapshotRecords(snapshot(), 0, 0)[0]!)
  it.apply({ key: Buffer.alloc(4, 1), value: Buffer.from([255, 255, 255, 255]) }, all)
  it.apply({ key: snapshotRecords(snapshot(), 0, 0)[0]!.key, value: Buffer.alloc(0) }, all)
  it.apply({ key: null, value: Buffer.alloc(9) }, all)
  it.apply(snapshotRecords(snapshot({ slot: 8 }), 0, 0)[0]!, (slot) => slot !== 8)
  assert.equal(it.of(7)?.offset, 10n)
  assert.equal(it.of(8), undefined)
})

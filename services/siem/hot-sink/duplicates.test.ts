import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchesOf, rowsKept, withoutDuplicates } from './duplicates.ts'
import type { WaitingRecord } from './record.ts'

const record = (tenant: string, batch: string, ...lines: number[]): WaitingRecord => ({
  kind: 'events',
  offset: 0n,
  takenAt: 0,
  tenant,
  batch,
  arrival: 0,
  lines,
  bytes: 0,
  value: Buffer.alloc(0),
})

test('stored events and repetitions are left out, the first of equals stays', () => {
  const records = [record('a', 'b', 0, 1, 5), record('a', 'c', 0), record('a', 'b', 1, 2), record('x', 'b', 1)]
  const kept = withoutDuplicates(records, [{ tenant: 'a', batch: 'b', lines: [0] }])
  assert.deepEqual(
    kept.map(({ keep }) => keep),
    [[1, 2], [0], [1], [0]],
  )
  assert.equal(rowsKept(kept), 5)
})

test('each batch is asked for once; names cannot be taken for one another', () => {
  const unreadable = {
    kind: 'unreadable',
    offset: 1n,
    takenAt: 0,
    reason: 'CORRUPT',
    length: 0,
    value: Buffer.alloc(0),
  } as const
  const records = [
    record('a', 'b', 0),
    unreadable,
    record('a', 'b', 1),
    record('a/b', 'c', 0),
    record('a', 'b/c', 0),
    record('e', 'e'),
  ]
  assert.deepEqual(batchesOf(records), [
    { tenant: 'a', batch: 'b' },
    { tenant: 'a/b', batch: 'c' },
    { tenant: 'a', batch: 'b/c' },
  ])
  assert.equal(rowsKept(withoutDuplicates(records, [{ tenant: 'a/b', batch: 'c', lines: [0] }])), 3)
})

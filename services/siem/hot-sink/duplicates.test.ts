import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { batchesOf, rowsKept, withoutDuplicates } from './duplicates.ts'
import type { WaitingRecord } from './record.ts'

const record = (tenant: string, batch: string, ...lines: number[]): WaitingRecord => ({
  kind: 'events',
  offset: 0n,
  takenAt: 0,
  since: 0,
  tenant,
  batch,
  arrival: 0,
  lines,
  bytes: Buffer.alloc(0),
  offsets: new Uint32Array(lines.length + 1),
  value: Buffer.alloc(0),
})

test('stored events and repetitions are left out, the first of equals stays', () => {
  const records = [record('a', 'b', 0, 1, 5), record('a', 'c', 0), record('a', 'b', 1, 2), record('x', 'b', 1)]
  const kept = withoutDuplicates(records, [{ tenant: 'a', batch: 'b', lines: [0] }])
  assert.deepEqual(
    kept.map(({ keep }) => keep),
    [[1, 2], 'all', [1], 'all'],
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

test('law: every line of a batch is kept once, whatever is stored and however records repeat each other', () => {
  const lines = fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 6 }).map((all) => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 5 }), fc.array(lines, { maxLength: 3 }), (sent, stored) => {
      const known = new Set(stored.flat())
      const records = sent.map((of) => record('t', 'b', ...of))
      const kept = withoutDuplicates(
        records,
        stored.map((of) => ({ tenant: 't', batch: 'b', lines: of.toReversed() })),
      )
      for (const [i, { keep }] of kept.entries()) {
        const own = sent[i]!
        const fresh = own.filter((line) => !known.has(line))
        assert.deepEqual(keep === 'all' ? own : keep.map((index) => own[index]), fresh)
        for (const line of fresh) known.add(line)
      }
    }),
  )
})

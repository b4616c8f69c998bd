import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answersNeeded, openVerdict, verdictOf } from './copies.ts'

const three = { replicas: 3, quorum: 2 }
const has = (...lines: number[]) => [{ tenant: 't', batch: 'b', lines }]

test('any answers that suffice meet every quorum', () => {
  assert.equal(answersNeeded(three), 2)
  assert.equal(answersNeeded({ replicas: 2, quorum: 2 }), 1)
  assert.equal(answersNeeded({ replicas: 3, quorum: 1 }), 3)
  assert.deepEqual(verdictOf([[]], three), { kind: 'too few answers' })
})

test('a row on a quorum is stored, whatever the third says', () => {
  const known = { kind: 'known', stored: has(1, 2) }
  assert.deepEqual(verdictOf([has(1, 2), has(2, 1)], three), known)
  assert.deepEqual(verdictOf([has(1, 2), has(2, 1), []], three), known)
})

test('a row on none of enough is not stored', () => {
  assert.deepEqual(verdictOf([[], []], three), { kind: 'known', stored: [] })
})

test('a row on fewer than the quorum is neither, and one such row holds up the block', () => {
  assert.deepEqual(verdictOf([has(1), []], three), { kind: 'unsettled' })
  assert.deepEqual(verdictOf([has(1, 2), has(1), []], three), { kind: 'unsettled' })
})

test('copies are counted by replica and by batch, not by row', () => {
  assert.deepEqual(verdictOf([[...has(1), ...has(1)], []], three), { kind: 'unsettled' })
  assert.deepEqual(verdictOf([has(1), [{ tenant: 'tb', batch: '', lines: [1] }]], three), { kind: 'unsettled' })
})

test('what two failed inserts left on two replicas are no two copies; a part and its merged successor are', () => {
  const inPart = (part: string) => [{ ...has(1)[0]!, part }]
  assert.deepEqual(verdictOf([inPart('20260101_5_5_0'), inPart('20260101_7_7_0')], three), { kind: 'unsettled' })
  const merged = [inPart('20260101_5_5_0'), inPart('20260101_0_9_2')]
  assert.deepEqual(verdictOf(merged, three), { kind: 'known', stored: has(1) })
  const besideLeftOver = [inPart('20260101_5_5_0'), inPart('20260101_5_5_0'), inPart('20260101_7_7_0')]
  assert.deepEqual(verdictOf(besideLeftOver, three), { kind: 'known', stored: has(1) })
})

test('a verdict that stays open is tried again, and says how many answered and what to look at', () => {
  const few = openVerdict('too few answers', 1, three)
  assert.deepEqual([few.code, few.passesSoon], ['UNAVAILABLE', true])
  assert.equal(few.message, '1 of 3 replicas answered; 2 are needed to know what is stored.')
  const open = openVerdict('unsettled', 2, three)
  assert.deepEqual([open.code, open.passesSoon], ['UNSETTLED', true])
  assert.match(
    open.message,
    /^Rows are on fewer replicas than the quorum of 2 \(2 of 3 replicas answered\)\..*system\.replicas/,
  )
})

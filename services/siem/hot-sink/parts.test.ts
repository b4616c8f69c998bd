import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overlap, partRange } from './parts.ts'

const same = (a: string, b: string) => overlap(partRange(a), partRange(b))

test('a part and what it was merged into hold the same insert', () => {
  assert.deepEqual(partRange('20260101_5_9_1'), { partition: '20260101', min: 5n, max: 9n })
  assert.ok(same('20260101_5_5_0', '20260101_5_5_0'))
  assert.ok(same('20260101_5_5_0', '20260101_0_9_2'))
  assert.ok(same('20260101_5_5_0_7', '20260101_5_5_0'))
})

test('other inserts, and those of another partition, are others', () => {
  assert.ok(!same('20260101_5_5_0', '20260101_6_6_0'))
  assert.ok(!same('20260101_5_5_0', '20260102_5_5_0'))
  assert.ok(!same('20260101_0_4_1', '20260101_5_9_1'))
})

test('a name of another kind is only itself', () => {
  assert.ok(same('other', 'other'))
  assert.ok(!same('other', '20260101_0_0_0'))
})

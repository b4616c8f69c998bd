import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentIds } from './recent-ids.ts'

test('what was recovered is known however many new ones come, until that is over', () => {
  const ids = new RecentIds(2)
  ids.add('a')
  ids.recover('old')
  for (const id of ['b', 'c', 'd', 'e', 'f']) assert.equal(ids.add(id), true)
  assert.equal(ids.add('old'), false)
  ids.settle()
  assert.equal(ids.add('old'), false)
  for (const id of ['g', 'h', 'i', 'j']) ids.add(id)
  assert.equal(ids.add('old'), true)
})

test('the last ones are known', () => {
  const ids = new RecentIds(2)
  for (const id of ['a', 'b', 'c']) ids.add(id)
  assert.deepEqual([ids.add('c'), ids.add('b')], [false, false])
})

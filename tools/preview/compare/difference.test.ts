import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { difference } from './difference.ts'

test('a difference is told at its deepest place, and nothing else is', () => {
  const before = { spec: { replicas: 2, containers: [{ image: 'a', args: ['x'] }] }, 'a.b': 1 }
  const after = { spec: { replicas: 3, containers: [{ image: 'b', args: ['x'] }] } }
  assert.deepEqual(difference(before, after), [
    { path: 'spec.replicas', before: 2, after: 3 },
    { path: 'spec.containers[0].image', before: 'a', after: 'b' },
    { path: '["a.b"]', before: 1, after: undefined },
  ])
})

test('of a list that grew in the middle only the new member is told; a new order is told as well', () => {
  assert.deepEqual(difference(['a', 'b', 'c'], ['a', 'x', 'b', 'c'], 'subnets'), [{ path: 'subnets[1]', after: 'x' }])
  assert.deepEqual(difference(['a', 'b'], ['b']), [{ path: '[0]', before: 'a' }])
  assert.equal(difference(['a', 'b'], ['b', 'a']).length, 2)
  assert.ok(difference(['a', 'a'], ['a']).length > 0)
})

test('there is a difference exactly where two values are not the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.equal(difference(a, b).length > 0, !isDeepStrictEqual(a, b))
      assert.deepEqual(difference(a, structuredClone(a)), [])
    }),
  )
})

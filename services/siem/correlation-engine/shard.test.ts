import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shardOf } from './shard.ts'

test('the ordinal of a pod is its shard', () => {
  assert.equal(shardOf('correlation-engine-0', 2), 0)
  assert.equal(shardOf('correlation-engine-11', 12), 11)
})

test('a pod that is no shard does not start', () => {
  for (const pod of ['correlation-engine', 'correlation-engine-2', 'correlation-engine-x'])
    assert.throws(() => shardOf(pod, 2), /must end with a number from 0 to 1/)
})

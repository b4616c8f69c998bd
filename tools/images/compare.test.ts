import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageLock } from '../../stacks/images.ts'
import { digestDifferences, sourceDifferences } from './compare.ts'

const from = { program: 'p', node: '24', base: 'b' }
const lock: ImageLock = { sink: { digest: 'sha256:1', tag: '1', builtFrom: from } }

test('equal sources differ in nothing', () => {
  assert.deepEqual(sourceDifferences(lock, { sink: { ...from } }), [])
})

test('each image that differs is named with what changed', () => {
  assert.deepEqual(sourceDifferences(lock, { sink: { ...from, program: 'q', base: 'c' }, topics: from }), [
    "'sink' has changed: its program, the Debian files beneath.",
    "'topics' is not locked.",
  ])
  assert.deepEqual(sourceDifferences(lock, {}), ["'sink' is locked, and no program of that name is an image any more."])
})

test('a build that is not the locked one is named with both digests', () => {
  assert.deepEqual(digestDifferences(lock, [{ name: 'sink', digest: 'sha256:1' }]), [])
  assert.deepEqual(
    digestDifferences(lock, [
      { name: 'sink', digest: 'sha256:2' },
      { name: 'topics', digest: 'sha256:3' },
    ]),
    ["'sink' is sha256:2; the lock says sha256:1.", "'topics' is sha256:3; the lock says nothing of it."],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitText, isForeign, readCommit } from './intent.ts'

const read = (metadata: string, offset = 5n) => readCommit({ offset, metadata })

test('what a commit says is read back; without a change of placements the texts are those of always', () => {
  const to = 12_345_678_901_234_567n
  for (const said of [{ version: 0 }, { version: 0, to }, { version: 7 }, { version: 4_294_967_295, to }])
    assert.deepEqual(read(commitText(said)), said)
  assert.deepEqual([commitText({ version: 0 }), commitText({ version: 0, to: 9n })], ['', 'block/1 9'])
})

test('a block that ends before its beginning is no intent', () => {
  for (const text of ['', 'block/1 5', 'block/1 4']) assert.deepEqual(read(text), { version: 0 })
  assert.deepEqual(read('block/2 5 8'), { version: 8 })
})

test('a text of another version says nothing, and is told apart', () => {
  const texts = ['block/1 9x', 'block/2 9', 'block/3 9 1', 'map/1', 'map/2 3', 'end=9', '\n']
  for (const text of texts) assert.deepEqual(read(text), { version: 0 })
  const foreign = (metadata: string) => isForeign({ offset: 0n, metadata })
  assert.ok(texts.every(foreign))
  assert.ok(!['', 'block/1 9', 'block/2 9 1', 'map/1 3'].some(foreign))
})

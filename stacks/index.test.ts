import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partOf } from './index.ts'

test('an unknown stack is refused with the list of those that exist', () => {
  assert.throws(() => partOf('locla'), {
    code: 'UNKNOWN_STACK',
    message: "There is no stack 'locla'; there are: local, local-services.",
  })
  assert.throws(() => partOf('toString'), { code: 'UNKNOWN_STACK' })
})

test('each stack with a file of its own has a part', () => {
  for (const stack of ['local', 'local-services']) assert.equal(typeof partOf(stack), 'function')
})

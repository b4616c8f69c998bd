import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunError } from '@pulumi/pulumi'
import { partOf, told, UnknownStackError } from './index.ts'

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

test('the engine is told the sentence of an error of ours, and the whole of any other', () => {
  const ours = told(new UnknownStackError('There is no such stack.'))
  assert.ok(ours instanceof RunError)
  assert.equal(ours.message, 'There is no such stack.')
  const bug = new TypeError('x is not a function')
  assert.equal(told(bug), bug)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunError } from '@pulumi/pulumi'
import { policies } from '../policies/bundle.ts'
import { programOf, told, UnknownStackError } from './index.ts'
import { cloudStacks } from './names.ts'

test('an unknown stack is refused with the list of those that exist', () => {
  assert.throws(() => programOf('locla'), {
    code: 'UNKNOWN_STACK',
    message:
      /^There is no stack 'locla'; there are: local, local-services, staging, staging-us-west-2, .*prod-us-east-1-services\.$/,
  })
  assert.throws(() => programOf('toString'), { code: 'UNKNOWN_STACK' })
})

test('each stack with a file of its own has a part', () => {
  for (const stack of ['local', 'local-services', ...cloudStacks(policies).map(({ name }) => name)])
    assert.equal(typeof programOf(stack), 'function')
})

test('the engine is told the sentence of an error of ours, and the whole of any other', () => {
  const ours = told(new UnknownStackError('There is no such stack.'))
  assert.ok(ours instanceof RunError)
  assert.equal(ours.message, 'There is no such stack.')
  const bug = new TypeError('x is not a function')
  assert.equal(told(bug), bug)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkOutputs, platformOutputs } from './outputs.ts'

const good = { environment: 'local', region: 'local', namespaces: ['siem'], objects: 3 }

test('outputs that follow the schema pass, and what it does not name is left out', () => {
  assert.deepEqual(checkOutputs('local', platformOutputs, { ...good, more: true }), good)
})

test('a wrong output is named with its field and its stack, and all of them at once', () => {
  const { region: _, ...rest } = good
  assert.throws(() => checkOutputs('local', platformOutputs, { ...rest, objects: '3', namespaces: [1] }), {
    code: 'BAD_STACK_OUTPUT',
    message:
      "The outputs of the stack 'local' are not what this program expects: 'region' should be a text and is missing; " +
      "'namespaces' should be a list of texts and is a list of something else; 'objects' should be a count and is of type " +
      "string. Bring 'local' up again first.",
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pulumi from '@pulumi/pulumi'
import { hidden } from '../infra/graph/graph.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { checkOutputs, declareOutputs, memberOf, platformOutputs, readStack, type Schema } from './outputs.ts'

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

const schema = { place: 'text', word: 'secret', urls: 'map', ids: 'texts', count: 'count' } as const satisfies Schema
const values = { place: 'here', word: 'open sesame', urls: { a: 'https://a' }, ids: ['x', 'y'], count: 2 }

test('maps, empty texts and what is null are told apart', () => {
  assert.deepEqual(checkOutputs('one', schema, values), values)
  assert.throws(() => checkOutputs('one', schema, { place: '', word: 7, urls: { a: 1 }, ids: {}, count: null }), {
    message:
      "The outputs of the stack 'one' are not what this program expects: 'place' should be a text and is empty; " +
      "'word' should be a secret text and is of type number; 'urls' should be a map of texts and is a map of something else; " +
      "'ids' should be a list of texts and is a map of something else; 'count' should be a count and is of type null. " +
      "Bring 'one' up again first.",
  })
  assert.throws(
    () => checkOutputs('one', { urls: 'map' }, { urls: [] }),
    /should be a map of texts and is a list of something else/,
  )
})

test('a secret goes out secret, and hides no other output', async () => {
  const graph = await recordGraph('one', async () => declareOutputs('one', schema, values))
  assert.deepEqual(graph.outputs, { ...values, word: hidden })
})

test('what another stack declared is in hand, its secrets excepted', async () => {
  const program = async () => {
    const told = await readStack('one', schema)
    return { ids: told.ids.length, place: told.place, word: told.word, isSecret: pulumi.isSecret(told.word) }
  }
  const { outputs } = await recordGraph('two', program, { outputs: { one: { ...values, word: hidden } } })
  assert.deepEqual(outputs, { ids: 2, place: 'here', word: hidden, isSecret: true })
})

test('a stack that is not there, or whose program is another, is named before anything is made', async () => {
  await assert.rejects(
    recordGraph('two', async () => ({ ...(await readStack('one', schema)) }), { outputs: {} }),
    /stack 'one' are not what this program expects: 'place' should be a text and is missing; /,
  )
})

test('what a map lacks is named with what it has', () => {
  assert.equal(memberOf('one', 'urls', values.urls, 'a'), 'https://a')
  assert.throws(() => memberOf('one', 'urls', values.urls, 'toString'), {
    code: 'BAD_STACK_OUTPUT',
    message: "The output 'urls' of the stack 'one' has nothing for 'toString'; it has: a. Bring 'one' up again first.",
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { warnings } from './connection.ts'

test('the server’s warnings are read out of one header', () => {
  assert.deepEqual(warnings(undefined), [])
  assert.deepEqual(warnings('299 - "v1 Endpoints is deprecated, use EndpointSlice"'), [
    'v1 Endpoints is deprecated, use EndpointSlice',
  ])
  assert.deepEqual(warnings(String.raw`299 - "would violate \"restricted\" (a \\ b)", 299 agent "another 299 one"`), [
    String.raw`would violate "restricted" (a \ b)`,
    'another 299 one',
  ])
})

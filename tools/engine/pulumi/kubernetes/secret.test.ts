import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redact, secretPaths } from './secret.ts'

const secret = { apiVersion: 'v1', kind: 'Secret' }
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' }

test("a Secret's data is secret whatever the program says", () => {
  assert.deepEqual(secretPaths(secret, {}, [], { data: { a: 'YQ==' } }), [['data'], ['stringData']])
})

test('a secret input is secret in the output, or what holds it is', () => {
  const inputs = { spec: { env: [{ name: 'A', value: 's3cret' }] } }
  const path = ['spec', 'env', 0, 'value']
  assert.deepEqual(secretPaths(deployment, inputs, [path], structuredClone(inputs)), [path])
  const merged = {
    spec: {
      env: [
        { name: 'B', value: 'x' },
        { name: 'A', value: 's3cret' },
      ],
    },
  }
  assert.deepEqual(secretPaths(deployment, inputs, [path], merged), [path.slice(0, 4)])
  assert.deepEqual(secretPaths(deployment, inputs, [path], { spec: { env: [] } }), [['spec', 'env']])
})

test('a secret is taken out of a message, plain, encoded and decoded', () => {
  const inputs = { stringData: { password: 'correct-horse' }, data: { key: Buffer.from('battery').toString('base64') } }
  const base64 = Buffer.from('correct-horse').toString('base64')
  const message = `Invalid value: "correct-horse" (${base64}), ${inputs.data.key} or battery`
  assert.equal(redact(message, secret, inputs, []), 'Invalid value: "[secret]" ([secret]), [secret] or [secret]')
  assert.equal(redact('uses token-1', deployment, { a: 'token-1' }, [['a']]), 'uses [secret]')
})

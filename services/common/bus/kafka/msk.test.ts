import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../log/log.ts'
import { mskTokens } from './msk.ts'

const identity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }

test('a token is a signed request to connect, without the secret, for the region', async () => {
  const tokens = mskTokens({ region: 'us-east-2', log: silentLog, credentials: async () => identity })
  const before = Date.now()
  const { value, expiresAt } = await tokens.token()
  assert.match(value, /^[A-Za-z0-9_-]+$/)
  const url = new URL(Buffer.from(value, 'base64url').toString())
  assert.equal(url.host, 'kafka.us-east-2.amazonaws.com')
  const parameter = (name: string) => url.searchParams.get(name)
  assert.equal(parameter('Action'), 'kafka-cluster:Connect')
  assert.equal(parameter('X-Amz-Expires'), '900')
  assert.equal(parameter('X-Amz-Security-Token'), 'session')
  assert.match(parameter('X-Amz-Credential') ?? '', /^AKIDEXAMPLE\/\d{8}\/us-east-2\/kafka-cluster\/aws4_request$/)
  assert.match(parameter('X-Amz-Signature') ?? '', /^[0-9a-f]{64}$/)
  assert.ok(parameter('User-Agent'))
  assert.doesNotMatch(url.href, /secret/i)
  // The signing date has no milliseconds.
  assert.ok(expiresAt > before + 898_000 && expiresAt <= Date.now() + 900_000)
})

test('a token is good for no longer than the credentials behind it, and still asks for whole seconds', async () => {
  const expiration = new Date(Date.now() + 300_500)
  const tokens = mskTokens({
    region: 'us-east-1',
    log: silentLog,
    credentials: async () => ({ ...identity, expiration }),
  })
  const { value, expiresAt } = await tokens.token()
  assert.equal(expiresAt, expiration.getTime())
  assert.match(new URL(Buffer.from(value, 'base64url').toString()).searchParams.get('X-Amz-Expires') ?? '', /^\d+$/)
})

test('without credentials a sentence says where they come from', async () => {
  const tokens = mskTokens({
    region: 'us-east-1',
    log: silentLog,
    credentials: () => Promise.reject(Object.assign(new Error('x'), { name: 'CredentialsProviderError' })),
  })
  await assert.rejects(
    tokens.token(),
    /\(CredentialsProviderError\)\. Look whether the pod's service account has a role/,
  )
})

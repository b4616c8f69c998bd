import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test("credentials are those that the pod's agent gives, for the pod's own proof", async (t) => {
  const asked: (string | undefined)[] = []
  const agent = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        AccessKeyId: 'AKIDOFTHEPOD',
        SecretAccessKey: 'x',
        Token: 'session',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    )
  })
  agent.listen(0, '127.0.0.1')
  await once(agent, 'listening')
  const dir = mkdtempSync(join(tmpdir(), 'nd-msk-'))
  writeFileSync(join(dir, 'proof'), 'proof-of-the-pod')
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(agent.address() as AddressInfo).port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(dir, 'proof'),
  }
  Object.assign(process.env, variables)
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
    rmSync(dir, { recursive: true })
    agent.close()
  })
  const { value } = await mskTokens({ region: 'us-east-1', log: silentLog }).token()
  const credential = new URL(Buffer.from(value, 'base64url').toString()).searchParams.get('X-Amz-Credential')
  assert.match(credential ?? '', /^AKIDOFTHEPOD\//)
  assert.deepEqual(asked, ['proof-of-the-pod'])
})

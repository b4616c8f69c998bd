import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsCredentials, backendOf, findings, type Machine, preflight } from './preflight.ts'

const machine = (env: NodeJS.ProcessEnv = {}, files: Record<string, string> = {}): Machine => ({
  env,
  read: (path) => files[path],
  home: '/me',
})
const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
const backend = { PULUMI_BACKEND_URL: 's3://state?region=us-east-1' }
const stackFile = {
  '/repo/Pulumi.prod.yaml': 'secretsprovider: awskms://alias/k?region=us-east-1\nencryptedkey: AQ==\n',
}
const options = { environment: 'prod', workDir: '/repo', stacks: ['prod'] }

test('a machine that has everything has no findings', () => {
  assert.deepEqual(findings(machine({ ...keys, ...backend }, stackFile), options), [])
})

test('everything that is missing is said at once, and each says what to do', () => {
  assert.throws(
    () => preflight(machine(), options),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'NOT_READY')
      assert.match(error.message, /^Nothing was touched/)
      for (const advice of [/aws sso login/, /pulumi login 's3:/, /--env prod --init/])
        assert.match(error.message, advice)
      return true
    },
  )
})

test('AWS credentials are found where the SDK looks for them', () => {
  assert.equal(awsCredentials(machine()), undefined)
  assert.equal(awsCredentials(machine({ AWS_ACCESS_KEY_ID: 'half' })), undefined)
  assert.ok(awsCredentials(machine(keys)))
  assert.ok(awsCredentials(machine({ AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_ROLE_ARN: 'r' })))
  const config = { '/me/.aws/config': '[default]\nregion = x\n[profile  ops]\nsso_session = s\n' }
  assert.equal(awsCredentials(machine({ AWS_PROFILE: 'ops' }, config)), "the profile 'ops'")
  assert.equal(awsCredentials(machine({ AWS_PROFILE: 'other' }, config)), undefined)
  assert.ok(awsCredentials(machine({ AWS_PROFILE: 'x' }, { '/me/.aws/credentials': '[x]\n' })))
})

test('the backend is the one that the environment or a login names', () => {
  const login = { '/me/.pulumi/credentials.json': '{"current":"s3://login"}' }
  assert.equal(backendOf(machine({}, login)), 's3://login')
  assert.equal(backendOf(machine(backend, login)), backend.PULUMI_BACKEND_URL)
  assert.equal(backendOf(machine({}, { '/me/.pulumi/credentials.json': 'torn' })), undefined)
})

test("a local region's shell is not one for the cloud", () => {
  const [finding] = findings(machine({ ...keys, PULUMI_BACKEND_URL: 'file:///state' }, stackFile), options)
  assert.match(finding ?? '', /state of a local region\. Use a fresh shell/)
})

test('a passphrase, or a key that no run has made yet, encrypts no secrets of the cloud', () => {
  for (const text of [
    'secretsprovider: passphrase\nencryptedkey: x\n',
    'secretsprovider: awskms://alias/k\n',
    'config: {}\n',
  ])
    assert.equal(
      findings(machine({ ...keys, ...backend }, { '/repo/Pulumi.prod.yaml': text }), options).length,
      1,
      text,
    )
})

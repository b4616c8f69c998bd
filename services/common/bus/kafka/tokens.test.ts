import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../log/log.ts'
import { CachedTokens, type Token } from './tokens.ts'

const minutes = 60_000

/** Tokens of 15 minutes, on a clock of the test's own. */
function world() {
  const lines: string[] = []
  const clock = { now: 1_000_000 }
  const made: Token[] = []
  const state: { failure: unknown } = { failure: undefined }
  const tokens = new CachedTokens({
    now: () => clock.now,
    log: createLog({ level: 'debug', write: (line) => lines.push(line) }),
    mint: async () => {
      if (state.failure) throw state.failure
      const token = { value: `top-secret-${made.length + 1}`, expiresAt: clock.now + 15 * minutes }
      made.push(token)
      return token
    },
  })
  return { tokens, clock, made, lines, state, value: async () => (await tokens.token()).value }
}

test('one token serves until two thirds of its life, then comes the next', async () => {
  const { clock, value } = world()
  assert.equal(await value(), 'top-secret-1')
  clock.now += 10 * minutes - 1
  assert.equal(await value(), 'top-secret-1')
  clock.now += 1
  assert.equal(await value(), 'top-secret-2')
})

test('many connections at once share one making', async () => {
  const { made, value } = world()
  assert.deepEqual(new Set(await Promise.all([value(), value(), value()])), new Set(['top-secret-1']))
  assert.equal(made.length, 1)
})

test('while the agent is away the present token serves, until it expires; then a sentence says what to do', async () => {
  const { clock, state, value, lines } = world()
  await value()
  state.failure = Object.assign(new Error('got <AccessKey>AKIA</AccessKey>'), { name: 'CredentialsProviderError' })
  clock.now += 12 * minutes
  assert.equal(await value(), 'top-secret-1')
  assert.match(lines[0] ?? '', /the present one still holds/)
  clock.now += 3 * minutes
  await assert.rejects(value(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'NO_KAFKA_TOKEN')
    assert.equal(
      error.message,
      "No token for the brokers can be made (CredentialsProviderError). Look whether the pod's service account has a role (EKS Pod Identity) and the agent on its node answers.",
    )
    assert.equal(error.cause, undefined)
    return true
  })
  state.failure = undefined
  assert.equal(await value(), 'top-secret-2')
  assert.doesNotMatch(lines.join(), /top-secret|AKIA/)
})

test('a token that is about to expire is none', async () => {
  const tokens = new CachedTokens({
    now: () => 0,
    log: createLog({ level: 'debug', write: () => {} }),
    mint: async () => ({ value: 'x', expiresAt: 20_000 }),
  })
  await assert.rejects(tokens.token(), /expired already/)
})

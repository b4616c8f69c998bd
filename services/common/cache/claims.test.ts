import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Claims } from './claims.ts'

const signal = new AbortController().signal
const store = () => {
  const held = new Map<string, string>()
  return {
    held,
    claim: async (key: string, owner: string) => !held.has(key) && held.set(key, owner) !== undefined,
    release: async (key: string, owner: string) => void (held.get(key) === owner && held.delete(key)),
  }
}
const claims = (far: ReturnType<typeof store>, waitMs = 5_000) => new Claims({ far, ttlMs: 10_000, waitMs, everyMs: 1 })

test('one works, the other gets its result; then the work is free again', async () => {
  const far = store()
  const [one, two] = [claims(far), claims(far)]
  let result: string | undefined
  const first = await one.wait('k', async () => result, signal)
  assert.ok('done' in first)
  const second = two.wait('k', async () => result, signal)
  result = 'the answer'
  assert.deepEqual(await second, { result: 'the answer' })
  first.done()
  assert.equal(far.held.size, 0)
})

test('when the work of one failed, the next does it', async () => {
  const far = store()
  const [one, two] = [claims(far), claims(far)]
  const first = await one.wait('k', async () => undefined, signal)
  const second = two.wait('k', async () => undefined, signal)
  assert.ok('done' in first)
  first.done()
  assert.ok('done' in (await second))
})

test('who comes in between the result and the release does not work again', async () => {
  const far = store()
  const [one, two] = [claims(far), claims(far)]
  const first = await one.wait('k', async () => undefined, signal)
  assert.ok('done' in first)
  let looks = 0
  const second = await two.wait(
    'k',
    async () => {
      looks++
      // Nothing yet; kept and released right after.
      if (looks === 1) return void first.done()
      return 'kept'
    },
    signal,
  )
  assert.deepEqual(second, { result: 'kept' })
})

test('nothing depends on it: without the shared cache, or with a claimant that is slow, everybody works', async () => {
  const far = store()
  await claims(far).wait('k', async () => undefined, signal)
  assert.ok('done' in (await claims(far, 5).wait('k', async () => undefined, signal)))
  const broken = { ...far, claim: () => Promise.reject(new Error('down')) }
  assert.ok('done' in (await claims(broken).wait('k', async () => 'never asked', signal)))
})

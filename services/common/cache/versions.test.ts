import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Versions } from './versions.ts'

const signal = new AbortController().signal
const used = (look: (tenant: string) => Promise<string>) => {
  const clock = { now: 0 }
  const asked: string[] = []
  const versions = new Versions<'events'>({
    look: (of, tenant) => {
      asked.push(`${of} ${tenant}`)
      return look(tenant)
    },
    ttlMs: 1_000,
    keepMs: 60_000,
    maxEntries: 10,
    now: () => clock.now,
  })
  const current = (tenant: string, fresh = false) => versions.current('events', tenant, { fresh, signal })
  return { clock, asked, current }
}

test('a version is looked up once in its time, of each tenant, by however many', async () => {
  const { clock, asked, current } = used(async (tenant) => `of ${tenant}`)
  assert.deepEqual(await Promise.all([current('a'), current('a')]), Array(2).fill({ text: 'of a', at: 0 }))
  clock.now = 999
  assert.equal((await current('a'))?.at, 0)
  assert.equal((await current('b'))?.text, 'of b')
  clock.now = 1_000
  assert.equal((await current('a'))?.at, 1_000)
  assert.equal((await current('a', true))?.at, 1_000)
  assert.deepEqual(asked, ['events a', 'events b', 'events a', 'events a'])
})

test('the time of a version is that of the begin of its look-up', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { clock, current } = used(() => promise)
  const open = current('a')
  await new Promise((done) => setImmediate(done))
  clock.now = 500
  resolve('v')
  assert.equal((await open)?.at, 0)
})

test('while it cannot be looked up, the last one serves, but not for ever, and not who must be fresh', async () => {
  let down = false
  const { clock, current } = used(async () => {
    if (down) throw new Error('down')
    return 'v'
  })
  await current('a')
  down = true
  clock.now = 59_999
  assert.deepEqual(await current('a'), { text: 'v', at: 0 })
  assert.equal(await current('a', true), undefined)
  assert.equal(await current('b'), undefined)
  clock.now = 60_000
  assert.equal(await current('a'), undefined)
})

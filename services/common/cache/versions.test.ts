import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Versions } from './versions.ts'

const signal = new AbortController().signal
const used = (look: (tenant: string) => Promise<string>, maxAlong = 0) => {
  const clock = { now: 0 }
  const asked: string[] = []
  const versions = new Versions<'events'>({
    look: async (of, tenants) => {
      asked.push(`${of} ${tenants.join(' ')}`)
      return new Map(await Promise.all(tenants.map(async (tenant) => [tenant, await look(tenant)] as const)))
    },
    ttlMs: 1_000,
    keepMs: 60_000,
    maxEntries: 10,
    maxRunning: 2,
    maxAlong,
    now: () => clock.now,
  })
  const current = (tenant: string, fresh = false) => versions.current('events', tenant, { fresh, signal })
  return { clock, asked, current, versions }
}
const turn = () => new Promise((done) => setImmediate(done))

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

test('those who wait while as many look-ups run as may are looked up together', async () => {
  const gates = new Map<string, () => void>()
  const { asked, current } = used(
    (tenant) => new Promise((resolve) => gates.set(tenant, () => resolve(`of ${tenant}`))),
  )
  const open = ['a', 'b', 'c', 'd'].map(async (tenant) => {
    const version = await current(tenant)
    return version?.text
  })
  await turn()
  // All four asked before the first look-up left.
  assert.deepEqual(asked, ['events a b c d'])
  const later = [current('e'), turn().then(() => current('f')), turn().then(() => current('g')), current('a')]
  await turn()
  await turn()
  assert.deepEqual(asked, ['events a b c d', 'events e'])
  for (const [, go] of gates) go()
  await turn()
  assert.deepEqual(asked.at(-1), 'events f g')
  for (const [, go] of gates) go()
  assert.deepEqual(await Promise.all(open), ['of a', 'of b', 'of c', 'of d'])
  assert.deepEqual(
    (await Promise.all(later)).map((version) => version?.text),
    ['of e', 'of f', 'of g', 'of a'],
  )
})

test('whoever asks again and again is looked up before his version is too old; whoever stopped is not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { clock, asked, current, versions } = used(async (tenant) => `of ${tenant}`, 10)
  await Promise.all([current('a'), current('b')])
  await turn()
  const pass = async (ms: number) => {
    clock.now += ms
    t.mock.timers.tick(ms)
    await turn()
  }
  await pass(500)
  assert.deepEqual(asked, ['events a b', 'events a b'])
  clock.now = 1_400
  assert.equal((await current('a'))?.at, 500)
  // a asked at 1,400, b at 0.
  clock.now = 10_500
  await pass(500)
  assert.deepEqual(asked.at(-1), 'events a')
  const before = asked.length
  clock.now = 20_000
  await pass(500)
  await pass(500)
  assert.equal(asked.length, before)
  versions.close()
})

test('a caller who has gone does not wait, and the look-up goes on for the others', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { current, versions } = used(() => promise)
  const abort = new AbortController()
  const gone = versions.current('events', 'a', { fresh: false, signal: abort.signal })
  const stays = current('a')
  abort.abort(new Error('gone'))
  await assert.rejects(gone, /gone/)
  resolve('v')
  assert.equal((await stays)?.text, 'v')
})

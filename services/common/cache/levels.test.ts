import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { CacheLevels, type Codec } from './levels.ts'
import { Lru } from './lru.ts'

const codec: Codec<number> = {
  encode: (value) => JSON.stringify(value),
  decode: (text) => {
    const value: unknown = JSON.parse(text)
    return typeof value === 'number' ? value : undefined
  },
}

let shared = new Map<string, string>()
let counted: string[] = []
let down = false
let now = 0
const far = {
  get: async (key: string) => {
    if (down) throw new Error('down')
    return shared.get(key)
  },
  set: async (key: string, text: string) => {
    if (down) throw new Error('down')
    shared.set(key, text)
  },
}
const replica = () =>
  new CacheLevels<number>({
    near: new Lru({ ttlMs: 1_000, maxEntries: 10, maxSize: 1_000, now: () => now }),
    far,
    nearTtlMs: 1_000,
    farTtlMs: 60_000,
    now: () => now,
    maxFarLength: 50,
    count: (level, result) => counted.push(`${level} ${result}`),
  })
beforeEach(() => {
  shared = new Map()
  counted = []
  down = false
  now = 10_000
})
const keys = { near: 'n', far: 'k' }
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('what one replica keeps another finds in L2, and from then on in L1', async () => {
  const [one, two] = [replica(), replica()]
  void one.put(keys, 7, codec, now)
  await settled()
  assert.deepEqual([one.near(keys), two.near(keys)], [7, undefined])
  assert.equal(await two.far(keys, codec, now), 7)
  assert.equal(two.near(keys), 7)
  assert.equal(await two.far({ near: 'o', far: 'other' }, codec, now), undefined)
  assert.deepEqual(counted, ['L1 hit', 'L1 miss', 'L2 hit', 'L1 hit', 'L2 miss'])
})

test('without L2 everything goes on, and is counted', async () => {
  const one = replica()
  down = true
  void one.put(keys, 7, codec, now)
  await settled()
  assert.equal(one.near(keys), 7)
  assert.equal(await one.far(keys, codec, now), undefined)
  assert.deepEqual(counted, ['L2 error', 'L1 hit', 'L2 error'])
})

test('what nobody of us wrote there is not used: another key, another shape, no JSON', async () => {
  const one = replica()
  for (const text of ['other\n7', 'k\n"seven"', 'k\n{', 'k', '', '7', 'k\n']) {
    shared.set('k', text)
    assert.equal(await one.far(keys, codec, now), undefined, text)
    assert.equal(one.near(keys), undefined)
  }
  shared.set('k', 'k\n8')
  assert.equal(await one.far(keys, codec, now), 8)
})

test('a text that is too long stays in the process', async () => {
  const long: Codec<number> = { ...codec, encode: () => '9'.repeat(60) }
  const one = replica()
  void one.put(keys, 9, long, now)
  await settled()
  assert.deepEqual([one.near(keys), shared.size], [9, 0])
})

test('no level keeps a value for longer than since it was the state', async () => {
  const ttls: number[] = []
  const levels = new CacheLevels<number>({
    near: new Lru({ ttlMs: 1_000, maxEntries: 10, maxSize: 1_000, now: () => now }),
    far: { get: far.get, set: async (key, text, ttlMs) => void (ttls.push(ttlMs) && shared.set(key, text)) },
    nearTtlMs: 1_000,
    farTtlMs: 60_000,
    maxFarLength: 50,
    count: () => {},
    now: () => now,
  })
  // A statement of 400 ms: what it answers is the state of its begin.
  await levels.put(keys, 7, codec, now - 400)
  assert.deepEqual(ttls, [59_600])
  now += 599
  assert.equal(levels.near(keys), 7)
  now += 1
  assert.equal(levels.near(keys), undefined)
  // Known to be the present state 900 ms ago: 100 ms are left of it.
  assert.equal(await levels.far(keys, codec, now - 900), 7)
  now += 99
  assert.equal(levels.near(keys), 7)
  now += 1
  assert.equal(levels.near(keys), undefined)
  await levels.put(keys, 8, codec, now - 60_000)
  assert.equal(shared.get('k'), 'k\n7')
})

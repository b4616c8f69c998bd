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
    near: new Lru({ ttlMs: 1_000, maxEntries: 10, maxSize: 1_000, now: () => 0 }),
    far,
    farTtlMs: 60_000,
    maxFarLength: 50,
    count: (level, result) => counted.push(`${level} ${result}`),
  })
beforeEach(() => {
  shared = new Map()
  counted = []
  down = false
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('what one replica keeps another finds in L2, and from then on in L1', async () => {
  const [one, two] = [replica(), replica()]
  one.put('k', 7, codec)
  await settled()
  assert.deepEqual([one.near('k'), two.near('k')], [7, undefined])
  assert.equal(await two.far('k', codec), 7)
  assert.equal(two.near('k'), 7)
  assert.equal(await two.far('other', codec), undefined)
  assert.deepEqual(counted, ['L1 hit', 'L1 miss', 'L2 hit', 'L1 hit', 'L2 miss'])
})

test('without L2 everything goes on, and is counted', async () => {
  const one = replica()
  down = true
  one.put('k', 7, codec)
  await settled()
  assert.equal(one.near('k'), 7)
  assert.equal(await one.far('k', codec), undefined)
  assert.deepEqual(counted, ['L2 error', 'L1 hit', 'L2 error'])
})

test('what nobody of us wrote there is not used: another key, another shape, no JSON', async () => {
  const one = replica()
  for (const text of ['other\n7', 'k\n"seven"', 'k\n{', 'k', '', '7', 'k\n']) {
    shared.set('k', text)
    assert.equal(await one.far('k', codec), undefined, text)
    assert.equal(one.near('k'), undefined)
  }
  shared.set('k', 'k\n8')
  assert.equal(await one.far('k', codec), 8)
})

test('a text that is too long stays in the process', async () => {
  const long: Codec<number> = { ...codec, encode: () => '9'.repeat(60) }
  const one = replica()
  one.put('k', 9, long)
  await settled()
  assert.deepEqual([one.near('k'), shared.size], [9, 0])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rank, shuffleShard } from './rank.ts'

const shards = (weights: readonly number[]) => weights.map((weight, id) => ({ id, region: 'local', weight }))
const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`)
const near = (is: number, wanted: number, deviations: number, count = keys.length) => {
  const sigma = Math.sqrt(count * wanted * (1 - wanted))
  assert.ok(Math.abs(is - count * wanted) < deviations * sigma, `${is} instead of ${count * wanted} ± ${sigma}`)
}

test('a shard is first for its share of the keys', () => {
  const weights = [1, 2, 3, 4]
  const firsts = keys.map((key) => rank(key, shards(weights))[0]!.id)
  for (const [id, weight] of weights.entries()) near(firsts.filter((first) => first === id).length, weight / 10, 5)
})

test('one shard more changes the order of the others for no key, and takes its share alone', () => {
  const [few, more] = [shards([1, 1, 2]), shards([1, 1, 2, 1])]
  let taken = 0
  for (const key of keys) {
    const after = rank(key, more).map(({ id }) => id)
    assert.deepEqual(
      after.filter((id) => id !== 3),
      rank(key, few).map(({ id }) => id),
    )
    if (after[0] === 3) taken++
  }
  near(taken, 1 / 5, 5)
})

test('a shard without weight is wanted by nobody', () => {
  assert.deepEqual(
    rank('a', shards([0, 1, 0])).map(({ id }) => id),
    [1],
  )
})

test('shuffle shards overlap as computed: hypergeometric', () => {
  const [count, width] = [8, 3]
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
  const overlaps = Array(width + 1).fill(0) as number[]
  const pairs = keys.length / 2
  for (let i = 0; i < pairs; i++) {
    const [a, b] = [keys[2 * i]!, keys[2 * i + 1]!].map((key) => shuffleShard(key, shards(Array(count).fill(1)), width))
    overlaps[a!.filter((shard) => b!.includes(shard) || b!.some(({ id }) => id === shard.id)).length]!++
  }
  for (const [same, seen] of overlaps.entries())
    near(seen, (choose(width, same) * choose(count - width, width - same)) / choose(count, width), 5, pairs)
})

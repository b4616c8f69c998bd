import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lag } from './lag.ts'

test('the lag counts what is not stored; brokers are asked once in a while and cannot hold a scrape up', async () => {
  let asked = 0
  let answer: () => Promise<ReadonlyMap<number, bigint>> = async () =>
    new Map([
      [0, 10n],
      [1, 20n],
      [2, 99n],
    ])
  let now = 0
  const positions = new Map([
    [0, 4n],
    [1, 20n],
  ])
  const lag = new Lag({
    consumer: {
      endOffsets: () => {
        asked++
        return answer()
      },
    },
    positions: () => positions,
    maxAgeMs: 5_000,
    patienceMs: 10,
    now: () => now,
  })
  assert.deepEqual(await Promise.all([lag.read(), lag.read()]), [6, 6])
  positions.set(0, 9n)
  assert.equal(await lag.read(), 1)
  assert.equal(asked, 1)
  now = 6_000
  answer = () => new Promise(() => {})
  assert.deepEqual(await Promise.all([lag.read(), lag.read()]), [1, 1])
  assert.equal(asked, 2)
})

test('brokers that fail leave the last answer; a member without partitions asks nobody', async () => {
  const positions = new Map<number, bigint>()
  let asked = 0
  const lag = new Lag({
    consumer: {
      endOffsets: async () => {
        if (asked++ > 0) throw new Error('away')
        return new Map([[0, 3n]])
      },
    },
    positions: () => positions,
    maxAgeMs: 0,
  })
  assert.equal(await lag.read(), 0)
  assert.equal(asked, 0)
  positions.set(0, 1n)
  assert.deepEqual([await lag.read(), await lag.read(), asked], [2, 2, 2])
})

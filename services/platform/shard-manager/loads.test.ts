import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleMap } from '../../common/sharding/testing.ts'
import { imbalance, loadsOf, shardLoads } from './loads.ts'

const near = (is: number, wanted: number) => assert.ok(Math.abs(is - wanted) < 1e-9, `${is} instead of ${wanted}`)

test('without measurements all slots are alike', () => {
  const map = exampleMap()
  const loads = shardLoads(map, map.owners, loadsOf(map, new Map()))
  assert.deepEqual(
    loads.map(({ load, fair, slots, partitions }) => [load, fair, slots, partitions]),
    [
      [0.5, 0.5, 2048, 4],
      [0.5, 0.5, 2048, 4],
    ],
  )
  assert.equal(imbalance(loads), 1)
})

test('what is measured counts, but for a part that every slot has', () => {
  const map = exampleMap()
  const loads = shardLoads(
    map,
    map.owners,
    loadsOf(
      map,
      new Map([
        [0, 30],
        [2, 30],
        [1, 20],
      ]),
    ),
  )
  near(loads[0]!.load, 0.05 + 0.9 * 0.75)
  near(loads[1]!.load, 0.05 + 0.9 * 0.25)
  near(imbalance(loads), 2 * loads[0]!.load)
})

test('a shard that is to be empty and is not is infinitely off', () => {
  const map = {
    ...exampleMap(),
    shards: [
      { id: 0, region: 'local', weight: 1 },
      { id: 1, region: 'local', weight: 0 },
    ],
  }
  assert.equal(imbalance(shardLoads(map, map.owners, () => 1)), Number.POSITIVE_INFINITY)
})

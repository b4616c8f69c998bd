import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShardMap } from '../sharding/map.ts'
import { slotOf } from '../sharding/slot.ts'
import { placedMap } from '../sharding/testing.ts'
import { Placing } from './placing.ts'

const slots = [4_100, 4_101, 4_102, 4_103]
const by = ['device.hostname', 'host', 'Computer']
const split = { current: new ShardMap(placedMap({ tenant: 'acme', slots, by })) }
const slotsOf = (...events: string[]) => {
  const { place } = new Placing(split).of('acme')
  assert.equal(typeof place, 'function')
  return events.map((event) => (typeof place === 'function' ? place(Buffer.from(event)) : place))
}

test('no map, no placement, or one that is not in use yet: the slot of the name', () => {
  const inactive = new ShardMap(placedMap({ tenant: 'acme', slots, active: false }))
  assert.equal(new Placing({ current: undefined }).of('acme').place, slotOf('acme'))
  assert.equal(new Placing({ current: inactive }).of('acme').place, slotOf('acme'))
  assert.equal(new Placing(split).of('globex').place, slotOf('globex'))
})

test('an isolated tenant has its private slot, from the version on that says so', () => {
  const maps: { current: ShardMap | undefined } = { current: undefined }
  const placing = new Placing(maps)
  maps.current = new ShardMap(placedMap({ tenant: 'acme', slots: [4_111], by: [] }))
  assert.deepEqual([placing.of('acme').place, placing.of('globex').place], [4_111, slotOf('globex')])
})

test('a split tenant: equal hosts have one slot, however they are written and whichever field says it', () => {
  const same = slotsOf(
    '{"host":"web-1"}',
    '{"device":{"hostname":"WEB-1"},"host":"other"}',
    ' {"x":[{"host":"no"}],"Computer":"Web-\\u0031"}',
    '{"host":"","Computer":"web-1"}',
  )
  assert.equal(new Set(same).size, 1)
  assert.equal(
    same[0],
    split.current.slotOf('acme', (name) => (name === 'host' ? 'web-1' : undefined)),
  )
  const many = slotsOf(...Array.from({ length: 100 }, (_, i) => `{"host":"h${i}"}`))
  assert.deepEqual([...new Set(many)].sort(), slots)
  assert.deepEqual(slotsOf('{"message":"no host"}'), [slots[0]])
})

test('where the events of a tenant go comes with the version since which they go there, of the same map', () => {
  const maps = { current: new ShardMap(placedMap({ tenant: 'acme', slots: [4_111], by: [] }, 7)) }
  const placing = new Placing(maps)
  assert.deepEqual([placing.of('acme').since, placing.of('globex').since], [7, 0])
  maps.current = new ShardMap({ ...maps.current.content, placements: [], usedSince: new Map([['acme', 9]]) })
  assert.deepEqual(placing.of('acme'), { place: slotOf('acme'), since: 9 })
})

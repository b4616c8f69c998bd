import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharding } from '../../../policies/sharding.ts'
import { exampleMap, withOwner } from '../../common/sharding/testing.ts'
import { asked, parseChange } from './request.ts'

test('what a request may not say', () => {
  const bad: readonly [unknown, RegExp][] = [
    [[], /must be a JSON object/],
    [{ shards: 3 }, /'shards' is not known; there are cause, weights, place, release/],
    [{ cause: 'x'.repeat(201) }, /cause must be a text/],
    [{ weights: { '0': -1 } }, /weights.0 must be a number from 0 to 1000/],
    [{ weights: { '0': Number.NaN } }, /weights.0/],
    [{ weights: { x: 1 } }, /weights.x/],
    [{ place: 'acme' }, /must be lists/],
    [{ place: [{ tenant: 'acme' }] }, /a tenant and a class/],
    [{ place: [{ tenant: 'a b', class: 'giant' }] }, /a tenant and a class/],
    [{ place: [null] }, /a tenant and a class/],
    [{ release: [7] }, /Each of release must be a tenant/],
    [{ release: Array(101).fill('a') }, /at most 100/],
  ]
  for (const [body, says] of bad)
    assert.throws(
      () => parseChange(body),
      (e: { status: number; message: string }) => e.status === 400 && says.test(e.message),
    )
  assert.deepEqual(parseChange({}), { cause: '', weights: {}, place: [], release: [] })
})

const ask = (body: unknown, map = exampleMap()) => asked(map, parseChange(body), sharding.classes)

test('what the map cannot do is refused with what it can', () => {
  assert.throws(() => ask({ weights: { 5: 1 } }), { status: 404, message: 'There is no shard 5: 0, 1.' })
  assert.throws(() => ask({ weights: { 0: 0, 1: 0 } }), /One shard must keep a weight/)
  assert.throws(() => ask({ release: ['acme'] }), { status: 404, code: 'NOT_PLACED' })
  assert.throws(() => ask({ place: [{ tenant: 'acme', class: 'toString' }] }), /no class 'toString': isolated, giant/)
  assert.throws(() => ask({ place: [{ tenant: 'acme', class: 'giant', region: 'mars' }] }), /this map has local/)
  const many = { ...exampleMap(), usedSince: new Map(Array.from({ length: 8_192 }, (_, i) => [`t${i}`, 1])) }
  const one = (tenant: string) => ask({ place: [{ tenant, class: 'isolated' }] }, many)
  assert.throws(() => one('acme'), { status: 409, code: 'TOO_MANY_PLACED' })
  assert.equal(one('t7').placements.length, 1)
  const all = Array.from({ length: sharding.privateSlots / sharding.classes.giant.ways + 1 }, (_, i) => ({
    tenant: `t${i}`,
    class: 'giant',
  }))
  assert.throws(() => ask({ place: all }), { status: 409, code: 'NO_PRIVATE_SLOTS' })
})

test('private slots are given once: those of released tenants last', () => {
  const first = ask({ place: [{ tenant: 'a', class: 'isolated' }] }).placements
  assert.deepEqual(
    first.map(({ slots }) => slots),
    [[sharding.slots]],
  )
  const used = withOwner(exampleMap(), sharding.slots, 0, 1)
  const again = ask({ place: [{ tenant: 'b', class: 'isolated' }] }, { ...used, placements: first }).placements
  assert.deepEqual(
    again.map(({ slots }) => slots),
    [[sharding.slots], [sharding.slots + 1]],
  )
  // Released: its slot has an owner still, so another is taken.
  assert.deepEqual(ask({ place: [{ tenant: 'b', class: 'isolated' }] }, used).placements[0]?.slots, [
    sharding.slots + 1,
  ])
  // The same tenant again: not the slots that collectors send its events to now.
  const moved = ask({ place: [{ tenant: 'a', class: 'giant' }] }, { ...used, placements: first }).placements
  assert.ok(!moved[0]!.slots.includes(sharding.slots))
})

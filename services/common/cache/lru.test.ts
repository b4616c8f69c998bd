import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Lru } from './lru.ts'

test('a value lives for its time and no longer', () => {
  let now = 0
  const lru = new Lru<string>({ ttlMs: 1_000, maxEntries: 10, maxSize: 100, now: () => now })
  lru.set('a', 'one', 3)
  now = 999
  assert.equal(lru.get('a'), 'one')
  now = 1_000
  assert.equal(lru.get('a'), undefined)
  assert.deepEqual([lru.entries, lru.size], [0, 0])
})

test('the value that was not asked for longest goes first', () => {
  const lru = new Lru<number>({ ttlMs: 1_000, maxEntries: 2, maxSize: 100, now: () => 0 })
  lru.set('a', 1, 1)
  lru.set('b', 2, 1)
  lru.get('a')
  lru.set('c', 3, 1)
  assert.deepEqual([lru.get('a'), lru.get('b'), lru.get('c')], [1, undefined, 3])
})

test('a value that is larger than all may be is not kept, and replaces what was there by nothing', () => {
  const lru = new Lru<number>({ ttlMs: 1_000, maxEntries: 2, maxSize: 100, now: () => 0 })
  lru.set('a', 1, 1)
  lru.set('a', 2, 101)
  assert.deepEqual([lru.get('a'), lru.size], [undefined, 0])
})

test('whatever happens, number and size stay within their bounds, and what is found is what was put there last', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), size: fc.nat(50), wait: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = 0
      const lru = new Lru<number>({ ttlMs: 100, maxEntries: 3, maxSize: 100, now: () => now })
      const last = new Map<string, { value: number; at: number }>()
      for (const [value, { key, size, wait }] of steps.entries()) {
        now += wait
        lru.set(key, value, size)
        last.set(key, { value, at: now })
        assert.ok(lru.entries <= 3 && lru.size <= 100 && lru.size >= 0)
        for (const [other, put] of last) {
          const found = lru.get(other)
          assert.ok(found === undefined || (found === put.value && now - put.at < 100))
        }
      }
    }),
  )
})

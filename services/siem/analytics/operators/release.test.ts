import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { released, releasedGroup } from './release.ts'

const rules = { minTenants: 5, largestShare: 0.5 }
const key = Buffer.alloc(32, 7)
/** What the engine says of a group of tenants' counts. */
const group = (own: readonly number[], members = 42) => ({
  tenants: own.length,
  events: own.reduce((sum, one) => sum + one, 0),
  largest: Math.max(0, ...own),
  members,
})
const counts = fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 30 })

test('nothing is said of few tenants, nor of what is mostly one tenant’s', () => {
  fc.assert(
    fc.property(counts, (own) => {
      const { events, largest } = group(own)
      const said = releasedGroup(group(own), rules, key)
      assert.equal(said !== undefined, own.length >= 5 && largest <= events / 2)
    }),
  )
})

test('what is said is near the truth: within the largest tenant’s own, and its power of ten', () => {
  fc.assert(
    fc.property(counts, fc.integer(), (own, members) => {
      const said = releasedGroup(group(own, members), rules, key)
      if (!said) return
      const { events, largest } = group(own)
      const grain = 10 ** Math.floor(Math.log10(largest))
      assert.ok(Math.abs(said.events - events) <= largest + grain / 2)
      assert.equal(said.events % grain, 0)
      assert.equal(said.tenants % 5, 0)
      assert.ok(said.tenants <= own.length && said.tenants > own.length - 5)
    }),
  )
})

test('the same data gives the same answer, however often it is asked', () => {
  fc.assert(
    fc.property(counts, (own) => {
      assert.deepEqual(releasedGroup(group(own), rules, key), releasedGroup(group(own), rules, key))
    }),
  )
})

test('the difference of two questions does not tell what the one tenant between them has', () => {
  // Twenty tenants, and the same with one more of 700 events: the attacker subtracts. Over many keys the guess is as often far off as near.
  const others = Array.from({ length: 20 }, (_, i) => 500 + 10 * i)
  let near = 0
  for (let i = 0; i < 500; i++) {
    const secret = randomBytes(32)
    const without = releasedGroup(group(others, 1), rules, secret)!
    const withOne = releasedGroup(group([...others, 700], 2), rules, secret)!
    if (Math.abs(withOne.events - without.events - 700) <= 100) near++
  }
  assert.ok(near < 150, `${near} of 500 guesses were within a seventh`)
})

test('the engine’s numbers of a group never leave: neither its largest nor its members', () => {
  const answer = {
    columns: ['channel', 'tenants', 'events', 'largest', 'members'],
    rows: [
      ['Security', 12, 1_234, 321, '18446744073709551615'],
      ['Rare', 4, 1_000, 250, 9],
      ['Mostly one', 9, 1_000, 501, 9],
    ],
  }
  const { columns, rows } = released(answer, rules, key)
  assert.deepEqual(columns, ['channel', 'tenants', 'events'])
  assert.deepEqual(
    rows.map(([name, tenants]) => [name, tenants]),
    [['Security', 10]],
  )
})

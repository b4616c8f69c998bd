import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ExactSum } from './exact-sum.ts'
import { groupValue, joinedKey, numberOf, valueKey } from './values.ts'

test('numbers are JSON numbers, or texts of one', () => {
  const values = [5, '5', ' 12.5 ', '-1e3', '0x1a', '', '1,5', '05', null, undefined, true, Number.NaN, '1e400']
  assert.deepEqual(values.map(numberOf), [5, 5, 12.5, -1000, ...new Array(9).fill(undefined)])
})

test('a group value is a scalar; what is nothing is none', () => {
  assert.deepEqual(['A', 5, false, null, undefined, ['x', 1]].map(groupValue), [
    'A',
    5,
    false,
    undefined,
    undefined,
    '["x",1]',
  ])
  assert.equal(valueKey('ALICE'), valueKey('alice'))
  assert.equal(valueKey(5), valueKey('5'))
})

test('different lists never share a key', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\u0000', '\u0001', '\u0002') })
  const list = fc.array(text, { minLength: 2, maxLength: 2 })
  fc.assert(
    fc.property(list, list, (a, b) => {
      assert.equal(joinedKey(a) === joinedKey(b), JSON.stringify(a) === JSON.stringify(b))
    }),
    { numRuns: 2_000 },
  )
})

test('a sum depends on what is in it, not on how that came', () => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(fc.array(number), fc.array(number), (kept, gone) => {
      const [moved, plain] = [new ExactSum(), new ExactSum()]
      for (const value of [...gone, ...kept].sort()) moved.add(value)
      for (const value of gone) moved.add(-value)
      for (const value of kept) plain.add(value)
      assert.equal(moved.value, plain.value)
    }),
  )
  const tenths = new ExactSum()
  for (let at = 0; at < 10; at++) tenths.add(0.1)
  assert.equal(tenths.value, 1)
})

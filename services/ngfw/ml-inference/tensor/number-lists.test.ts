import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { liftNumbers } from './number-lists.ts'

/** What a body holds, with the lists that were lifted back in their places; and how many were. */
function restored(text: string, behind = ''): { value: unknown; lifted: number } {
  const body = Buffer.from(text + behind)
  let lifted = 0
  const { text: rest, list } = liftNumbers(body, Buffer.byteLength(text))
  const value = JSON.parse(rest, (_key, one) => {
    const numbers = list(one)
    if (!numbers) return one
    lifted++
    return [...numbers]
  })
  return { value, lifted }
}

const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((list) => list.join(''))
const whole = digits(1, 18).map((text) => text.replace(/^0+(?=.)/, ''))
const spelt = fc
  .tuple(
    fc.constantFrom('', '-'),
    whole,
    fc.option(digits(1, 20), { nil: undefined }),
    fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e-', 'E+'), digits(1, 3)), { nil: undefined }),
  )
  .map(([sign, int, fraction, power]) => `${sign}${int}${fraction ? `.${fraction}` : ''}${power?.join('') ?? ''}`)
const number = fc.oneof(spelt, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), fc.nat(9).map(String))
const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r')
const numbers = fc
  .array(fc.tuple(space, number, space), { minLength: 60, maxLength: 90 })
  .map((list) => `[${list.map((one) => one.join('')).join(',')}]`)

test('numbers are read as JSON.parse reads them, in whatever way they are spelt', () => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 3 }), space, (lists, gap) => {
      const text = `{"id":"é","inputs":[${lists.map((list) => `{"data"${gap}:${gap}${list}${gap},"name":"ü"}`).join()}]}`
      assert.deepEqual(restored(text).value, JSON.parse(text))
    }),
  )
})

const many = (what: string, count = 64): string => Array(count).fill(what).join()

test('a long list is lifted, a short one is not', () => {
  assert.deepEqual(restored(`{"data":[${many('0.5')}]}`), { value: { data: Array(64).fill(0.5) }, lifted: 1 })
  assert.equal(restored(`{"data":[${many('0.5', 63)}]}`).lifted, 0)
  assert.equal(restored(`{"other":[${many('0.5')}]}`).lifted, 0)
})

test('what is not spelt as JSON spells numbers is left to be refused', () => {
  for (const bad of ['01', '1.', '.5', '-', '+1', '1e', '1e+', 'NaN', 'Infinity', '0x1', '--1', '', '1 2'])
    assert.throws(() => restored(`{"data":[${many('1')},${bad},1]}`), SyntaxError, bad)
  for (const open of ['', ',', '1', '1.5', '1e1'])
    assert.throws(() => restored(`{"data":[${many('1')},${open}`), SyntaxError)
})

test('whole numbers that a number may round, texts and lists in lists stay in the text', () => {
  for (const other of ['9007199254740993', '"1"', '[1]', 'null', 'true'])
    assert.equal(restored(`{"data":[${many('1')},${other}]}`).lifted, 0, other)
})

test('a text that looks like data is a text, and what follows the JSON is not looked at', () => {
  const list = `[${many('1')}]`
  const text = JSON.stringify({ id: `"data":${list}`, more: `\\"data":${list}` })
  assert.deepEqual(restored(text), { value: JSON.parse(text), lifted: 0 })
  assert.deepEqual(restored('{"inputs":[]}', `"data":${list}`), { value: { inputs: [] }, lifted: 0 })
  assert.throws(() => restored(`{"data":[${many('1')}`, ',1]}'), SyntaxError)
})

test('a body with more numbers than there is room for is read all the same', () => {
  const text = `{"a":{"data":[${many('1', 200_000)}]},"b":{"data":[${many('2', 200_000)}]},"c":{"data":[${many('3')}]}}`
  const { value, lifted } = restored(text)
  assert.deepEqual(value, JSON.parse(text))
  assert.equal(lifted, 2)
})

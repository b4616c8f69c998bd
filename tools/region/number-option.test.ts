import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NumberRange, numberOption } from './number-option.ts'

test('a number of the range is taken, its ends included', () => {
  assert.equal(numberOption('peak', '0.5', { least: 0.5, most: 2 }), 0.5)
  assert.equal(numberOption('peak', '2', { least: 0.5, most: 2 }), 2)
  assert.equal(numberOption('runs', '1e3', { least: 1, whole: true }), 1_000)
})

test('anything else is refused with a sentence that says what is allowed', () => {
  const refused = (text: string, range: NumberRange, message: string) =>
    assert.throws(() => numberOption('peak', text, range), { code: 'USAGE', message })
  for (const text of ['', ' ', 'x', '0.4', '2.1', 'NaN'])
    refused(text, { least: 0.5, most: 2 }, `--peak ('${text}') must be a number from 0.5 to 2.`)
  refused('1.5', { least: 1, whole: true }, "--peak ('1.5') must be a whole number from 1.")
  refused('Infinity', { least: 1 }, "--peak ('Infinity') must be a number from 1.")
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytes, millicores, milliseconds, perSecond, seconds, UnitError } from './units.ts'

/** Each parser with every unit that it knows, in the amounts that it answers. */
const parsers = {
  duration: { parse: milliseconds, units: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } },
  size: { parse: bytes, units: { Ki: 1_024, Mi: 1_048_576, Gi: 1_073_741_824, Ti: 1_099_511_627_776 } },
  cpu: { parse: millicores, units: { m: 1, '': 1_000 } },
  rate: { parse: perSecond, units: { '/s': 1 } },
} as const

/** How a person writes a number: digits, perhaps a point and more digits. */
const decimal = fc
  .tuple(fc.nat(1_000_000), fc.option(fc.nat(999), { nil: undefined }))
  .map(([whole, rest]) => (rest === undefined ? `${whole}` : `${whole}.${rest}`))

for (const [name, { parse, units }] of Object.entries(parsers)) {
  const read = parse as (text: string) => number
  const known = Object.entries(units)

  test(`a ${name} is its number times its unit`, () => {
    fc.assert(
      fc.property(decimal, fc.constantFrom(...known), (number, [unit, factor]) => {
        const expected = Number(number) * factor
        assert.ok(Math.abs(read(`${number}${unit}`) - expected) <= expected * 1e-12, `${number}${unit}`)
      }),
    )
  })

  test(`a ${name} in whole units comes back from what it was read as`, () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(...known), (count, [unit, factor]) => {
        assert.equal(Math.round(read(`${count}${unit}`) / factor), count)
      }),
    )
  })

  test(`a larger ${name} is never read as a smaller one`, () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), fc.constantFrom(...known), (a, b, [unit]) => {
        assert.equal(Math.sign(read(`${a}${unit}`) - read(`${b}${unit}`)), Math.sign(a - b))
      }),
    )
  })

  test(`what is no ${name} is refused`, () => {
    const grammar = new RegExp(`^\\d+(\\.\\d+)?(${known.map(([unit]) => unit).join('|')})$`)
    const near = fc
      .tuple(fc.constantFrom('', '-', '+', '1e', '.', ' ', '0x', '1_'), decimal, fc.string({ maxLength: 3 }))
      .map((parts) => parts.join(''))
    const other = fc
      .tuple(decimal, fc.constantFrom('', 'ms', 's', 'M', 'K', 'MB', 'Mib', 'kb', '/m', '%%', 'm ', 'toString', '\n'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string(), near, other), (text) => {
        fc.pre(!grammar.test(text))
        assert.throws(() => read(text), UnitError)
      }),
      { numRuns: 500 },
    )
  })

  test(`a ${name} is always finite`, () => {
    for (const digits of [16, 400]) assert.throws(() => read(`${'9'.repeat(digits)}${known[0]?.[0]}`), UnitError)
  })
}

test('seconds are not rounded', () => assert.equal(seconds('1500ms'), 1.5))

test('the sentence says what was written and what should be', () => {
  const sentences: [() => number, string][] = [
    [() => milliseconds('5 min' as never), "'5 min' is not a duration: write a number and one of ms, s, m, h, d."],
    [() => bytes('5MB' as never), "'5MB' is not a size: write a number and one of Ki, Mi, Gi, Ti."],
    [() => millicores('1k' as never), "'1k' is not a CPU quantity: write cores ('2') or millicores ('250m')."],
    [() => perSecond('5/m' as never), "'5/m' is not a rate: write a number per second, such as '1000/s'."],
  ]
  for (const [read, message] of sentences) assert.throws(read, { name: 'Error', code: 'BAD_UNIT', message })
})

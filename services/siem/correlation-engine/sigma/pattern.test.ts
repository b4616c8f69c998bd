import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anywhere, fold, foldPattern, many, matchesPattern, one, parsePattern, plainText } from './pattern.ts'

test('wildcards and escapes mean what the specification says', () => {
  for (const [source, pattern] of [
    ['', []],
    ['a', ['a']],
    ['*a?b*', [many, 'a', one, 'b', many]],
    ['\\*a\\?', ['*a?']],
    ['\\\\*', ['\\', many]],
    ['\\\\\\*', ['\\*']],
    ['C:\\Windows\\cmd.exe', ['C:\\Windows\\cmd.exe']],
    ['\\\\\\\\host\\\\C$', ['\\\\host\\C$']],
    ['a\\', ['a\\']],
    ['**a**', [many, 'a', many]],
  ] as const)
    assert.deepEqual(parsePattern(source), pattern, source)
})

test('a plain text is told from a pattern', () => {
  assert.equal(plainText(parsePattern('')), '')
  assert.equal(plainText(parsePattern('a\\*')), 'a*')
  assert.equal(plainText(parsePattern('a*')), undefined)
})

test('a value that is too long is refused', () => {
  assert.throws(() => parsePattern('a'.repeat(16_385)), /16385 characters; at most 16384/)
})

test('folding is independent of case, also beyond ASCII', () => {
  assert.equal(fold('ÄΣ'), fold('äς'))
  assert.ok(matchesPattern(foldPattern(anywhere(parsePattern('ÜBER'))), fold('x über y')))
})

const piece = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'aab', '*', '?'), fc.string({ unit: fc.constantFrom('a', 'b') }))

test('matching agrees with a regular expression', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 7 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c') }),
      (parts, text) => {
        const source = parts.join('')
        const regex = new RegExp(`^${source.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`)
        assert.equal(matchesPattern(parsePattern(source), text), regex.test(text), `${source} on ${text}`)
      },
    ),
    { numRuns: 3_000 },
  )
})

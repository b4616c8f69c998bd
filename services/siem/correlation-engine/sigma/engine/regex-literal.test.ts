import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRegex } from '../regex.ts'
import { requiredLiteral } from './regex-literal.ts'

test('the longest text that a regular expression cannot do without', () => {
  for (const [source, literal] of [
    ['net\\s+user', 'user'],
    ['\\\\AppData\\\\Local\\\\Temp\\\\dat[0-9A-Z]{4}\\.tmp', '\\AppData\\Local\\Temp\\dat'],
    ['(?i)&&set.*(x|y)', '&&set'],
    ['colou?r', 'colo'],
    ['ab*cd', 'cd'],
    ['ab+cd', 'ab'],
    ['abc{0,3}de', 'ab'],
    ['abc{', 'ab'],
    ['abc|defg', ''],
    ['{|ab{2}c', ''],
    ['{(ab{2}c)*de', 'de'],
    ['{[ab{2}]c', 'c'],
    ['(abc|d)efg', 'efg'],
    ['a\\x41bcd', ''],
    ['[]abc]def', 'def'],
    ['[[:alpha:]\\]]xyz', 'xyz'],
    ['^abc$', 'abc'],
    ['\\Qa.b\\E', ''],
  ] as const)
    assert.equal(requiredLiteral(source), literal, source)
})

const flags = { ignoreCase: false, multiline: false, dotAll: false }
const part = fc.constantFrom(
  'a',
  'b',
  'ab',
  '\\.',
  '.',
  '[ab]',
  '(a|b)',
  '(?:ab)',
  '*',
  '+',
  '?',
  '{2}',
  '{0,2}',
  '{',
  '|',
  '^',
  '\\s',
  '\\b',
  '[]a]',
)

test('whatever a regular expression finds has its literal', () => {
  let found = 0
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '.', ' ', '{'), maxLength: 8 }),
      (parts, text) => {
        const source = parts.join('')
        let regex: ReturnType<typeof compileRegex>
        try {
          regex = compileRegex(source, flags)
        } catch {
          return
        }
        if (!regex.test(text)) return
        found++
        assert.ok(text.includes(requiredLiteral(source)), `${source} finds something in '${text}'`)
      },
    ),
    { numRuns: 5_000 },
  )
  assert.ok(found > 500)
})

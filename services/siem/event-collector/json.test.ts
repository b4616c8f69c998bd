import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scanJson } from './json.ts'

const scan = (text: string) => scanJson(Buffer.from(text), 0, Buffer.byteLength(text))
const parsed = (text: string) => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : 'value'
  } catch {
    return undefined
  }
}

test('the verdict is that of JSON.parse', () => {
  const cases = [
    '',
    ' ',
    '{}',
    ' {} ',
    '[]',
    '{',
    '}',
    '{]',
    '[}',
    '{}{}',
    '{},',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{"a":1,"a":2}',
    '{a:1}',
    "{'a':1}",
    '1',
    '-1',
    '-',
    '01',
    '1.',
    '.5',
    '1.5',
    '1e5',
    '1E+5',
    '1e-',
    '1e',
    '-0',
    '--1',
    '+1',
    '0x1',
    'NaN',
    'Infinity',
    '1a',
    '1 2',
    '{"a":01}',
    '{"a":-}',
    '{"a":1.5e300}',
    'true',
    'false',
    'null',
    'tru',
    'truex',
    'nul',
    'True',
    '{"a":true}',
    '{"a":nulll}',
    '"',
    '"a',
    '"a"',
    '"\\"',
    '"\\""',
    '"\\x"',
    '"\\u12"',
    '"\\u123g"',
    '"\\u1234"',
    '"\\u',
    '"\t"',
    '"\u007f"',
    '"\u2028"',
    '"é😀"',
    '{"a":[1,[2,{"b":[]}],{}]}',
    '[1,]',
    '[,1]',
    '[1,,2]',
    '[[[[]]]]',
    '[[[[]]]',
    '\uFEFF{}',
    '{}\u00a0',
    '\u000b{}',
    '{"a":\r\n\t 1\n}',
    '{"a":1}\u0000',
    '{"__proto__":1}',
    '{"a" :1 , "b": 2 }',
  ]
  for (const text of cases) assert.equal(scan(text), parsed(text), JSON.stringify(text))
})

test('law: of any JSON, and of JSON with a few bytes changed, the verdict is that of JSON.parse', () => {
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', ' ', '\n', '\u0001', 'u', 'é'),
  )
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.constantFrom(undefined, 1),
      fc.array(change, { maxLength: 3 }),
      (json, indent, changes) => {
        let text = JSON.stringify(JSON.parse(json), undefined, indent)
        for (const [place, by] of changes) {
          const at = place % (text.length + 1)
          text = text.slice(0, at) + by + text.slice(at + (place % 2))
        }
        // Half a character has no UTF-8.
        if (!text.isWellFormed()) return
        assert.equal(scan(text), parsed(text), text)
      },
    ),
    { numRuns: 5_000 },
  )
})

test('only the part asked for is looked at', () => {
  const bytes = Buffer.from('x{"a":1}"')
  assert.equal(scanJson(bytes, 1, 8), 'object')
  for (const [from, to] of [
    [1, 7],
    [0, 8],
    [1, 9],
    [2, 3],
    [5, 5],
  ])
    assert.equal(scanJson(bytes, from!, to!), undefined)
  assert.equal(scanJson(Buffer.from('{"a":12}34'), 0, 7), undefined)
  assert.equal(scanJson(Buffer.from('true'), 0, 3), undefined)
})

test('nesting has no bound but the input', () => {
  const deep = 100_000
  assert.equal(scan(`{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`), 'object')
  assert.equal(scan(`{"a":${'[{"b":'.repeat(deep)}`), undefined)
})

test('members of the outermost object are told, those whose value is no container', () => {
  const text = '{"a":1,"b":{"c":2},"d":[3],"e":"x","f":null,"a":-2}'
  const told: string[][] = []
  scanJson(Buffer.from(text), 0, text.length, (kf, kt, vf, vt) => told.push([text.slice(kf, kt), text.slice(vf, vt)]))
  assert.deepEqual(told, [
    ['a', '1'],
    ['e', '"x"'],
    ['f', 'null'],
    ['a', '-2'],
  ])
})

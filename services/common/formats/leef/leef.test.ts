import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLeef, type LeefMessage, leefDelimiter, parseLeef } from './leef.ts'

const near = Date.UTC(2026, 9, 20)
const good = (text: string): LeefMessage => {
  const found = parseLeef(text, near)
  assert.ok(found.ok, `${text}: ${JSON.stringify(found)}`)
  return found.value
}
const attributes = (text: string) => ({ ...good(text).attributes })

test('version 1.0, every field', () => {
  const m = good(
    'LEEF:1.0|Microsoft|MSExchange|4.0 SP1|15345|src=192.0.2.0\tdst=172.50.123.1\tsev=5\tdevTime=Oct 09 2024 22:33:20',
  )
  assert.deepEqual(
    { ...m, attributes: { ...m.attributes } },
    {
      version: '1.0',
      vendor: 'Microsoft',
      product: 'MSExchange',
      deviceVersion: '4.0 SP1',
      eventId: '15345',
      delimiter: '\t',
      attributes: { src: '192.0.2.0', dst: '172.50.123.1', sev: '5', devTime: 'Oct 09 2024 22:33:20' },
      time: Date.UTC(2024, 9, 9, 22, 33, 20),
      problems: [],
    },
  )
  assert.equal(good('LEEF:1|v|p|1|e|a=1').version, '1.0')
})

test('version 2.0: the delimiter as a character, in hexadecimal, empty, or not there', () => {
  const two = { a: '1', b: '2 =|' }
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|^|a=1^b=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|x5E|a=1^b=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|0x5e|a=1^b=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|x09|a=1\tb=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e||a=1\tb=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|a=1\tb=2 =|'), two)
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|a=1\tb=2'), { a: '1', b: '2' })
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|x|a=1xb=2'), { a: '1', b: '2' })
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|¦|a=1¦b=2'), { a: '1', b: '2' })
  assert.deepEqual(attributes('LEEF:2.0|v|p|1|e|'), {})
})

test('a delimiter field', () => {
  for (const [field, meant] of [
    ['', '\t'],
    ['^', '^'],
    ['x', 'x'],
    ['x7c', '|'],
    ['X7C', '|'],
    ['0x2602', '☂'],
    ['x1', '\x01'],
  ] as const)
    assert.equal(leefDelimiter(field), meant, field)
  for (const field of ['xx', 'xyz', '0x', 'x12345', 'xD800', '^^', '09'])
    assert.equal(leefDelimiter(field), undefined, field)
})

test('values are as they stand', () => {
  assert.deepEqual(attributes('LEEF:1.0|v|p|1|e|url=http://h/?a=1\tmsg= two words \tempty=\tkey with space=x'), {
    url: 'http://h/?a=1',
    msg: ' two words ',
    empty: '',
    'key with space': 'x',
  })
  assert.deepEqual(attributes('LEEF:1.0|v|p|1|e|__proto__=1'), { ['__proto__']: '1' })
})

test('what can be read although it is wrong is read, and said', () => {
  const problems = (text: string) => good(text).problems
  assert.deepEqual(problems('LEEF:1.0|v|p|1|e|a=1\ta=2'), ['DUPLICATE_KEY'])
  assert.deepEqual(problems('LEEF:1.0|v|p|1|e|text\ta=2'), ['ATTRIBUTE_WITHOUT_KEY'])
  assert.deepEqual(problems('LEEF:1.0|v|p|1|e|=1'), ['ATTRIBUTE_WITHOUT_KEY'])
  assert.deepEqual(problems('LEEF:1.0|v|p|1|e|devTime=soon'), ['BAD_TIME'])
  assert.deepEqual(problems('LEEF:1.0||p|1|e|'), ['EMPTY_FIELD'])
  assert.deepEqual(problems('LEEF:1.0|v|p||e|a=1\t\t'), [])
})

test('what cannot be read has a code and a place', () => {
  const cases: [string, string, number][] = [
    ['', 'NOT_LEEF', 0],
    ['leef:1.0|', 'NOT_LEEF', 0],
    ['LEEF:', 'TRUNCATED', 5],
    ['LEEF:1.0', 'TRUNCATED', 8],
    ['LEEF:1.0|v|p|1|e', 'TRUNCATED', 16],
    ['LEEF:2.0|v|p|1', 'TRUNCATED', 14],
    ['LEEF:|v|p|1|e|', 'BAD_VERSION', 5],
    ['LEEF:x|v|p|1|e|', 'BAD_VERSION', 5],
    ['LEEF:3.0|v|p|1|e|', 'UNKNOWN_VERSION', 5],
    ['LEEF:1.1|v|p|1|e|', 'UNKNOWN_VERSION', 5],
    ['LEEF:2.0|v|p|1|e|^^|a=1', 'BAD_DELIMITER', 17],
    ['LEEF:2.0|v|p|1|e|0x12345|a=1', 'BAD_DELIMITER', 17],
  ]
  for (const [text, code, at] of cases) {
    const found = parseLeef(text, near)
    assert.deepEqual(found.ok ? 'read' : [found.code, found.at], [code, at], text)
  }
  assert.ok(isLeef('x LEEF:1', 2))
})

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,10}$/).filter((k) => k !== 'devTime')
const text = fc.string({ unit: 'grapheme' })

test('law: what is written is read back, with any delimiter that no value holds', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('^', '\t', '\x01', '☂'),
      fc.uniqueArray(fc.tuple(name, text), { selector: ([k]) => k }),
      (delimiter, pairs) => {
        const kept = pairs.filter(([, v]) => !v.includes(delimiter))
        const hex = `x${delimiter.charCodeAt(0).toString(16)}`
        const m = good(`LEEF:2.0|v|p|1|e|${hex}|${kept.map(([k, v]) => `${k}=${v}`).join(delimiter)}`)
        assert.deepEqual([m.delimiter, { ...m.attributes }], [delimiter, Object.fromEntries(kept)])
      },
    ),
  )
})

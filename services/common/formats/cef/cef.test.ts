import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CefMessage, isCef, parseCef } from './cef.ts'

const near = Date.UTC(2026, 9, 20)
const good = (text: string): CefMessage => {
  const found = parseCef(text, near)
  assert.ok(found.ok, `${text}: ${JSON.stringify(found)}`)
  return found.value
}
const head = 'CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|'
const fields = (extension: string) => ({ ...good(head + extension).extension })
const problems = (extension: string) => good(head + extension).problems

test('the example of the standard, every field', () => {
  const m = good(`${head}src=10.0.0.1 dst=2.1.2.2 spt=1232 rt=1760000000123`)
  assert.deepEqual(
    { ...m, extension: { ...m.extension } },
    {
      version: 0,
      vendor: 'Security',
      product: 'threatmanager',
      deviceVersion: '1.0',
      classId: '100',
      name: 'worm successfully stopped',
      severity: '10',
      level: 10,
      extension: { src: '10.0.0.1', dst: '2.1.2.2', spt: '1232', rt: '1760000000123' },
      labels: undefined,
      time: 1_760_000_000_123,
      problems: [],
    },
  )
})

test('the header: versions, escapes, no extension at all', () => {
  assert.equal(good('CEF:1|v|p|1|c|n|3|').version, 1)
  assert.equal(good('CEF:0.1|v|p|1|c|n|3|').version, 0)
  assert.equal(good('CEF: 0|v|p|1|c|n|3|').version, 0)
  const m = good(String.raw`CEF:0|a\|b|c\\|d\|\\\||e|f = g|3|`)
  assert.deepEqual([m.vendor, m.product, m.deviceVersion, m.classId, m.name], ['a|b', 'c\\', 'd|\\|', 'e', 'f = g'])
  assert.deepEqual(good('CEF:0|v|p||c|n|5').severity, '5')
  assert.deepEqual(good('CEF:0|v|p|1|c|n|3|a=x|y|z').extension.a, 'x|y|z')
  assert.equal(parseCef('Oct CEF:0|v|p|1|c|n|3|', near, 4).ok, true)
})

test('severities are numbers or words', () => {
  const level = (severity: string) => {
    const { level: found, problems: wrong } = good(`CEF:0|v|p|1|c|n|${severity}|`)
    return [found, wrong]
  }
  for (const [text, number] of [
    ['0', 0],
    ['10', 10],
    ['Low', 2],
    ['medium', 5],
    ['High', 8],
    ['Very-High', 10],
    ['Unknown', undefined],
    ['', undefined],
  ] as const)
    assert.deepEqual(level(text), [number, []], text)
  for (const text of ['11', '-1', 'bad', '1.5', '010'])
    assert.deepEqual(level(text), [undefined, ['BAD_SEVERITY']], text)
})

test('the extension: spaces, escapes, keys of all kinds, an equals sign that nobody escaped', () => {
  assert.deepEqual(fields('msg=two words  act=blocked '), { msg: 'two words', act: 'blocked' })
  assert.deepEqual(fields(String.raw`msg=a\=b \\ c\nd\re path=C:\\x`), { msg: 'a=b \\ c\nd\re', path: 'C:\\x' })
  assert.deepEqual(fields(String.raw`a=x\ b=1`), { a: 'x\\', b: '1' })
  assert.deepEqual(fields(String.raw`msg=p\|q`), { msg: 'p|q' })
  assert.deepEqual(fields('ad.name=x _v=1 arr[0]=a arr[1]=b x-y=2 9k=n'), {
    'ad.name': 'x',
    _v: '1',
    'arr[0]': 'a',
    'arr[1]': 'b',
    'x-y': '2',
    '9k': 'n',
  })
  assert.deepEqual(fields('request=http://h/?a=1&b=2 act=x'), { request: 'http://h/?a=1&b=2', act: 'x' })
  assert.deepEqual(fields('eq== end=='), { eq: '=', end: '=' })
  assert.deepEqual(fields('a= b=1 c='), { a: '', b: '1', c: '' })
  assert.deepEqual(fields(''), {})
  assert.deepEqual(fields('\ta=1\tb=2'), { a: '1', b: '2' })
  assert.deepEqual(fields('__proto__=1 constructor=2'), { ['__proto__']: '1', constructor: '2' })
  assert.deepEqual(fields('msg=ünï=1'), { msg: 'ünï=1' })
})

test('custom fields by their labels', () => {
  const labels = (extension: string) => good(head + extension).labels
  assert.deepEqual(
    { ...labels('cs1=block cs1Label=Rule name cn1=5 cn1Label=Count') },
    { 'Rule name': 'block', Count: '5' },
  )
  assert.deepEqual({ ...labels('flexString1Label=__proto__ flexString1=x') }, { ['__proto__']: 'x' })
  for (const none of ['cs1=x', 'cs1Label=x', 'cs1=x cs1Label=', 'Label=x']) assert.equal(labels(none), undefined, none)
})

test('the time: rt, else end, else start, in any form', () => {
  const time = (extension: string) => good(head + extension).time
  assert.equal(time('start=1760000000000 end=1760000001000 rt=1760000002000'), 1_760_000_002_000)
  assert.equal(time('start=1760000000000 end=1760000001000'), 1_760_000_001_000)
  assert.equal(time('start=1760000000000'), 1_760_000_000_000)
  assert.equal(time('rt=Oct 09 2024 22:33:20.123 UTC'), Date.UTC(2024, 9, 9, 22, 33, 20, 123))
  assert.equal(time('rt=Oct 09 2024 22:33:20'), Date.UTC(2024, 9, 9, 22, 33, 20))
  assert.equal(time('rt=Oct 09 22:33:20'), Date.UTC(2026, 9, 9, 22, 33, 20))
  assert.equal(time('rt=2024-10-09T22:33:20Z'), Date.UTC(2024, 9, 9, 22, 33, 20))
  assert.equal(time('src=1.2.3.4'), undefined)
})

test('what can be read although it is wrong is read, and said', () => {
  assert.deepEqual(problems('a=1 a=2'), ['DUPLICATE_KEY'])
  assert.equal(good(`${head}a=1 a=2`).extension.a, '2')
  assert.deepEqual(problems('text a=1'), ['TEXT_BEFORE_FIRST_KEY'])
  assert.deepEqual(problems('only text'), ['TEXT_BEFORE_FIRST_KEY'])
  assert.deepEqual(problems('=1'), ['TEXT_BEFORE_FIRST_KEY'])
  assert.deepEqual(problems(String.raw`a=C:\x`), ['BAD_ESCAPE'])
  assert.equal(good(`${head}${String.raw`a=C:\x\\`}`).extension.a, 'C:\\x\\')
  assert.deepEqual(problems('rt=soon'), ['BAD_TIME'])
  assert.deepEqual(good('CEF:0||p|1|c|n|3|').problems, ['EMPTY_FIELD'])
  assert.deepEqual(good('CEF:0|v|p|1||n|3|').problems, ['EMPTY_FIELD'])
  assert.deepEqual(good(String.raw`CEF:0|v\x|p|1|c|n|3|`).problems, ['BAD_HEADER_ESCAPE'])
  assert.deepEqual(good(String.raw`CEF:0|v|p|1|c|n|3\\`.slice(0, -1)).problems, ['BAD_HEADER_ESCAPE', 'BAD_SEVERITY'])
})

test('what cannot be read has a code and a place', () => {
  const cases: [string, string, number][] = [
    ['', 'NOT_CEF', 0],
    ['cef:0|', 'NOT_CEF', 0],
    ['CEF0|', 'NOT_CEF', 0],
    ['CEF:', 'TRUNCATED', 4],
    ['CEF:0', 'TRUNCATED', 5],
    ['CEF:0|v|p|1|c|n', 'TRUNCATED', 15],
    [String.raw`CEF:0|v|p|1|c|n\|3`, 'TRUNCATED', 18],
    ['CEF:|v|p|1|c|n|3|', 'BAD_VERSION', 4],
    ['CEF:x|v|p|1|c|n|3|', 'BAD_VERSION', 4],
    ['CEF:-1|v|p|1|c|n|3|', 'BAD_VERSION', 4],
    ['CEF:2|v|p|1|c|n|3|', 'UNKNOWN_VERSION', 4],
    ['CEF:25|v|p|1|c|n|3|', 'UNKNOWN_VERSION', 4],
  ]
  for (const [text, code, at] of cases) {
    const found = parseCef(text, near)
    assert.deepEqual(found.ok ? 'read' : [found.code, found.at], [code, at], text)
  }
  assert.ok(isCef('x CEF:0', 2) && !isCef('x'))
})

const value = fc.string({ unit: 'grapheme' }).map((s) => s.trim())
const key = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,10}$/)
  .filter((k) => !['rt', 'end', 'start'].includes(k) && !k.endsWith('Label'))
const inHeader = (s: string) => s.replace(/[|\\]/g, '\\$&')
const inValue = (s: string) => s.replace(/[=\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')

test('law: what is written by the standard is read back', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 5, maxLength: 5 }),
      fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k }),
      (header, pairs) => {
        const text = `CEF:0|${header.map(inHeader).join('|')}|7|${pairs.map(([k, v]) => `${k}=${inValue(v)}`).join(' ')}`
        const m = good(text)
        assert.deepEqual([m.vendor, m.product, m.deviceVersion, m.classId, m.name], header)
        assert.deepEqual(Object.entries(m.extension), Object.entries(Object.fromEntries(pairs)))
      },
    ),
  )
})

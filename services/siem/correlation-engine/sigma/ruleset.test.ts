import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { any, compile, type DetectionRule, loadRules, type Mapping, windows } from './index.ts'
import { arbitraryEvent, arbitraryRules, testMapping } from './testing/arbitrary.ts'

const matched = (rules: readonly DetectionRule[], mapping: Mapping, event: Record<string, unknown>): string[] => {
  const set = compile(rules, { mapping })
  const hits: number[] = []
  set.match(event, hits)
  return hits.map((index) => set.rules[index]!.title)
}

for (const mapping of [testMapping, any])
  test(`the index finds what direct interpretation finds (mapping '${mapping.name}')`, () => {
    fc.assert(
      fc.property(arbitraryRules, fc.array(arbitraryEvent, { minLength: 1, maxLength: 6 }), (rules, events) => {
        const set = compile(rules, { mapping })
        for (const event of events) {
          const indexed: number[] = []
          const interpreted: number[] = []
          set.match(event, indexed)
          set.interpret(event, interpreted)
          assert.deepEqual(indexed, interpreted)
        }
      }),
      { numRuns: 1_500 },
    )
  })

const load = (logsource: string, detection: string): readonly DetectionRule[] => {
  const { rules, problems } = loadRules([
    { file: 'f', text: `title: T\nlogsource: ${logsource}\ndetection:\n${detection.replaceAll(/^/gm, '  ')}` },
  ])
  assert.deepEqual(problems, [])
  return rules
}

/** Whether an event of no known source meets a condition. */
const meets = (detection: string, event: Record<string, unknown>): boolean =>
  matched(load('{product: x}', detection), any, event).length > 0

test('values: case, wildcards, numbers, null, empty and missing', () => {
  for (const [value, field, expected] of [
    ['"Abc"', 'aBC', true],
    ['"Abc"', 'abcd', false],
    ['"a*d"', 'AxxD', true],
    ['4688', '4688', true],
    ['4688', 4688, true],
    ['"4688"', 4688, true],
    ['"5*"', 512, true],
    ['true', 'TRUE', true],
    ['null', null, true],
    ['null', undefined, true],
    ['null', '', false],
    ['""', '', true],
    ['""', undefined, false],
    ['"*"', '', true],
    ['"*"', null, false],
    ['[1, null]', undefined, true],
    ['x', ['y', 'X'], true],
    ['x', { x: 'x' }, false],
  ] as const)
    assert.equal(
      meets(`s: {f: ${value}}\ncondition: s`, field === undefined ? {} : { f: field }),
      expected,
      `${value} ${field}`,
    )
})

test('every modifier does what the specification says', () => {
  for (const [item, field, expected] of [
    ['f|contains: b', 'ABC', true],
    ['f|contains|all: [a, c]', 'abc', true],
    ['f|contains|all: [a, d]', 'abc', false],
    ['f|startswith: ab', 'ABC', true],
    ['f|endswith: bc', 'ABC', true],
    ['f|contains|cased: b', 'ABC', false],
    ['f|cased: ABC', 'ABC', true],
    ['f|re: b.d', 'abcd', true],
    ['f|re: B.d', 'abcd', false],
    ['f|re|i: B.d', 'abcd', true],
    ['f|re: a.b', 'a\nb', false],
    ['f|re|s: a.b', 'a\nb', true],
    ['f|re: ^b', 'a\nb', false],
    ['f|re|m: ^b', 'a\nb', true],
    ['f|cidr: 10.0.0.0/8', '10.200.3.4', true],
    ['f|cidr: 10.0.0.0/8', '11.0.0.1', false],
    ['f|cidr: "fe80::/10"', 'fe80::1', true],
    ['f|cidr: "2001:db8::/33"', '2001:db8:8000::1', false],
    ['f|cidr: 10.0.0.0/8', '::ffff:10.0.0.1', false],
    ['f|windash|contains: " -a"', 'x /A', true],
    ['f|contains|windash: " /a"', 'x –a', true],
    ['f|windash|contains: "a-b"', 'a/b', false],
    ['f|base64: foo', 'Zm9v', true],
    ['f|base64offset|contains: foobar', Buffer.from('xfoobar!').toString('base64'), true],
    ['f|base64offset|contains: foobar', Buffer.from('xyfoobar!').toString('base64'), true],
    ['f|wide|base64offset|contains: ping', Buffer.from('a ping', 'utf16le').toString('base64'), true],
    ['f|utf16be|base64: ab', Buffer.from('\0a\0b').toString('base64'), true],
    ['f|utf16|base64: a', Buffer.from('fffe6100', 'hex').toString('base64'), true],
    ['f|wide|contains: ab', 'xa\0b\0', true],
    ['f|exists: true', 0, true],
    ['f|exists: false', undefined, true],
    ['f|exists: false', null, true],
    ['f|lt: 10', '9', true],
    ['f|lt: 10', 10, false],
    ['f|lte: 10', 10, true],
    ['f|gt: 10', '0x0b', true],
    ['f|gte: 10', 'x', false],
    ['f|neq: 1', 1, false],
    ['f|neq: [1, 2]', 3, true],
    ['f|neq: 1', undefined, true],
    ['f|fieldref: g', 'SAME', true],
    ['f|fieldref|cased: g', 'SAME', false],
    ['f|fieldref|startswith: g', 'same and more', true],
    ['f|fieldref|endswith: g', 'not it', false],
    ['f|fieldref: missing', 'x', false],
    ['f|hour: 10', '2026-01-05 10:59:00', true],
    ['f|minute|gte: 30', '2026-01-05T10:29:00+01:00', false],
    ['f|week: 1', '2026-01-01', true],
    ['f|year: 2026', 1_767_225_600, true],
    ['f|month|lt: 2', '2026-01-05T00:00:00Z', true],
    ['f|day: 5', 'no time', false],
  ] as const)
    assert.equal(
      meets(
        `s: {'${item.split(': ')[0]}': ${item.slice(item.indexOf(': ') + 2)}}\ncondition: s`,
        field === undefined ? {} : { f: field, g: 'same' },
      ),
      expected,
      `${item} on ${field}`,
    )
})

test('keywords are searched in all values, at any depth, in no name', () => {
  const keyword = 's: [mimikatz, "a*z"]\ncondition: s'
  assert.ok(meets(keyword, { x: 'run MIMIKATZ now' }))
  assert.ok(meets(keyword, { x: { y: [{ z: 'xa1zx' }] } }))
  assert.ok(!meets(keyword, { mimikatz: 'x' }))
  assert.ok(meets("s: {'|all': [one, 2]}\ncondition: s", { a: 'One', b: 12 }))
  assert.ok(!meets("s: {'|all': [one, 2]}\ncondition: s", { a: 'One', b: 1 }))
})

test('conditions: order of binding, quantifiers, lists', () => {
  const selections = 'a1: {f: 1}\na2: {g: 1}\nb: {h: 1}\n_x: {i: 1}\n'
  const holds = (condition: string, event: Record<string, unknown>): boolean =>
    meets(`${selections}condition: ${condition}`, event)
  assert.ok(holds('a1 or a2 and b', { f: 1 }))
  assert.ok(!holds('(a1 or a2) and b', { f: 1 }))
  assert.ok(holds('not a1 and b', { h: 1 }))
  assert.ok(holds('1 of a*', { g: 1 }))
  assert.ok(!holds('all of a*', { g: 1 }))
  assert.ok(holds('all of them', { f: 1, g: 1, h: 1 }))
  assert.ok(!holds('1 of them', { i: 1 }))
  assert.ok(holds('any of _*', { i: 1 }))
  assert.ok(holds('2 of them', { f: 1, h: 1 }))
  assert.ok(!holds('2 of them', { f: 1 }))
  assert.ok(holds('[a1 and a2, b]', { h: 1 }))
  assert.ok(holds('NOT a1 AND b', { h: 1 }))
})

test('log sources of Windows: channel and number decide, in both forms, and fields have their names', () => {
  const rules = load('{product: windows, category: process_creation}', 's: {Image|endswith: \\cmd.exe}\ncondition: s')
  const flat = { Channel: 'Microsoft-Windows-Sysmon/Operational', EventID: 1, Image: 'C:\\cmd.exe' }
  assert.equal(matched(rules, windows, flat).length, 1)
  assert.equal(matched(rules, windows, { ...flat, EventID: '1' }).length, 1)
  assert.equal(matched(rules, windows, { ...flat, EventID: 5 }).length, 0)
  assert.equal(matched(rules, windows, { ...flat, Channel: 'System' }).length, 0)
  assert.equal(matched(rules, windows, { Channel: 'security', EventID: 4688, NewProcessName: 'C:\\CMD.exe' }).length, 1)
  assert.equal(matched(rules, windows, { Channel: 'Security', EventID: 4688, Image: 'C:\\cmd.exe' }).length, 0)
  const nested = { System: { Channel: flat.Channel, EventID: { '#text': 1 } }, EventData: { Image: 'C:\\cmd.exe' } }
  assert.equal(matched(rules, windows, { Event: nested }).length, 1)
  const defender = load('{product: windows, service: windefend}', 's: {ThreatName: eicar}\ncondition: s')
  const threat = { Channel: 'Microsoft-Windows-Windows Defender/Operational', EventID: 1119 }
  assert.equal(matched(defender, windows, { ...threat, 'Threat Name': 'EICAR' }).length, 1)
})

test('an event of no known source meets no rule, unless it names its source', () => {
  const rules = [...load('{product: linux, service: sshd}', 's: {m: x}\ncondition: s')]
  assert.equal(matched(rules, windows, { m: 'x' }).length, 0)
  assert.equal(matched(rules, windows, { m: 'x', logsource: { product: 'Linux', service: 'sshd' } }).length, 1)
  assert.equal(matched(rules, windows, { m: 'x', logsource: { product: 'linux' } }).length, 0)
  assert.equal(matched(rules, any, { m: 'x' }).length, 1)
})

test('names that objects inherit are no fields', () => {
  assert.ok(!meets('s: {constructor|exists: true}\ncondition: s', {}))
  assert.ok(meets('s: {constructor: x}\ncondition: s', { constructor: 'x' }))
})

test('a rule can be taken out and put back, and its cost is counted', () => {
  const rules = load('{product: x}', 's: {f: 1}\ncondition: s')
  const set = compile(rules, { mapping: any })
  const count = (): number => {
    const hits: number[] = []
    set.match({ f: 1 }, hits)
    return hits.length
  }
  assert.equal(count(), 1)
  set.setEnabled(0, false)
  assert.equal(count(), 0)
  set.setEnabled(0, true)
  assert.equal(count(), 1)
  assert.equal(set.cost(0).evaluations, 2)
  for (let i = 0; i < 600; i++) count()
  assert.ok(set.cost(0).nanoseconds > 0)
})

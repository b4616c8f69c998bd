import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadRules } from './load.ts'

const rule = (detection: string, head = ''): string =>
  `title: T\n${head}logsource: {product: windows}\ndetection:\n${detection.replaceAll(/^/gm, '  ')}`

const reason = (text: string): string => {
  const { problems, rules } = loadRules([{ file: 'f', text }])
  assert.equal(rules.length, 0, text)
  return problems.map((problem) => problem.reason).join('; ')
}

test('a rule is read with what its author wrote', () => {
  const { rules } = loadRules([
    {
      file: 'a.yml',
      text: `title: A
id: 1-2
name: a
level: High
status: test
author: Someone
references: [https://example.org]
tags: [attack.t1059]
falsepositives: Unknown
logsource: {Product: x, product: Windows, category: process_creation}
detection: {s: {Image: x}, condition: s}`,
    },
  ])
  const [{ condition, ...head }] = rules as [(typeof rules)[0]]
  assert.deepEqual(head, {
    file: 'a.yml',
    document: 1,
    id: '1-2',
    title: 'A',
    name: 'a',
    status: 'test',
    author: 'Someone',
    level: 'high',
    references: ['https://example.org'],
    tags: ['attack.t1059'],
    falsepositives: ['Unknown'],
    fields: [],
    logsource: { category: 'process_creation', product: 'windows' },
  })
  assert.deepEqual(condition, {
    kind: 'field',
    field: 'Image',
    matcher: { kind: 'text', pattern: ['x'], cased: false },
  })
})

test('a document that is no rule is listed, and the others go on', () => {
  const { rules, correlations, problems } = loadRules([
    { file: 'broken.yml', text: 'a: [' },
    {
      file: 'many.yml',
      text: `${rule('s: {a: 1}\ncondition: s', 'id: one\n')}\n---\n- a list\n---\ntitle: C\ncorrelation: {type: event_count}\n---\n${rule('s: {a: 1}\ncondition: s', 'id: one\n')}\n---\n${rule('s: {a: 1}\ncondition: s')}`,
    },
  ])
  assert.deepEqual(
    rules.map(({ id, document }) => [id, document]),
    [
      ['one', 1],
      ['many.yml#5', 5],
    ],
  )
  assert.deepEqual(
    correlations.map(({ file, document }) => [file, document]),
    [['many.yml', 3]],
  )
  assert.deepEqual(
    problems.map(({ file, document, reason }) => [file, document, reason.slice(0, 30)]),
    [
      ['broken.yml', 1, 'Not readable as YAML: unexpect'],
      ['many.yml', 2, 'The document is no map.'],
      ['many.yml', 4, "Its id stands in 'many.yml#1' "],
    ],
  )
})

test('collections: a global part, its end, and repetition', () => {
  const { rules, problems } = loadRules([
    {
      file: 'c.yml',
      text: `action: global
title: G
logsource: {product: windows}
detection: {condition: s}
---
detection: {s: {EventID: 1}}
---
action: repeat
title: R
detection: {s: {EventID: 2}}
---
action: reset
---
title: alone
logsource: {product: linux}
detection: {s: [word], condition: s}`,
    },
  ])
  assert.deepEqual(problems, [])
  assert.deepEqual(
    rules.map(({ title, logsource, condition }) => [title, logsource.product, condition.kind]),
    [
      ['G', 'windows', 'field'],
      ['R', 'windows', 'field'],
      ['alone', 'linux', 'keyword'],
    ],
  )
})

test('what a rule lacks or gets wrong is said in one sentence', () => {
  for (const [text, expected] of [
    ['logsource: {product: x}\ndetection: {s: {a: 1}, condition: s}', /needs a 'title'/],
    ['title: T\ndetection: {s: {a: 1}, condition: s}', /needs a map 'logsource'/],
    ['title: T\nlogsource: {definition: x}\ndetection: {s: {a: 1}, condition: s}', /at least one of category, product/],
    ['title: T\nlogsource: {product: x}', /needs a map 'detection'/],
    [rule('s: {a: 1}'), /needs a 'condition'/],
    [rule('s: {a: 1}\ncondition: t'), /names 't', which the rule does not define/],
    [rule('s: {a: 1}\ncondition: 1 of x*'), /'1 of x\*' selects nothing/],
    [rule('s: {a: 1}\ncondition: s and'), /ends where an identifier should stand/],
    [rule('s: {a: 1}\ncondition: (s'), /'\(' of the condition is not closed/],
    [rule('s: {a: 1}\ncondition: s s'), /goes on with 's'/],
    [rule('s: {a: 1}\ncondition: s | count() > 5'), /write it as a Sigma correlation/],
    [rule('s: {a: 1}\ntimeframe: 5m\ncondition: s'), /'timeframe' is of the old aggregations/],
    [rule('s: {a|contain: 1}\ncondition: s'), /'s': In 'a\|contain': The modifier 'contain' is not known/],
    [rule('s: {a|re: "(a)\\\\1"}\ncondition: s'), /references to groups cannot run in linear time/],
    [rule('s: {a|re: "(?<=a)b"}\ncondition: s'), /Look-around/],
    [
      rule('s: {a|re: "(((((a{1,9}){1,9}){1,9}){1,9}){1,9}){1,9}"}\ncondition: s'),
      /cannot be compiled|instructions; at most/,
    ],
    [rule('s: {a|cidr: 10.0.0.0/33}\ncondition: s'), /no block of addresses/],
    [rule('s: {a|lt: x}\ncondition: s'), /compares numbers/],
    [rule('s: {a|exists: x}\ncondition: s'), /'exists' is true or false/],
    [rule('s: {a|contains: null}\ncondition: s'), /needs a value, not null/],
    [rule('s: {a: []}\ncondition: s'), /list of values is empty/],
    [rule('s: {a: {b: 1}}\ncondition: s'), /A value is a list or a map/],
    [rule('s: {}\ncondition: s'), /A map is empty/],
    [rule(`s: {a|windash: "${' -a'.repeat(6)}"}\ncondition: s`), /more than 4096 variants/],
    [rule('s: {a|base64: "a*"}\ncondition: s'), /a text has no wildcards/],
    [rule('s: {a|expand: "%x%"}\ncondition: s'), /placeholder '%x%' has no values/],
    [`level: urgent\n${rule('s: {a: 1}\ncondition: s')}`, /level 'urgent' is none of/],
    ['title: T\nfilter: {rules: any}', /Filter documents are not supported/],
  ] as const)
    assert.match(reason(text), expected)
})

test('a file at the limits is refused, not read', () => {
  assert.match(reason(`title: ${'x'.repeat(1_048_576)}`), /at most 1048576 are read/)
  assert.match(reason('[a]\n---\n'.repeat(1_001)), /1002 documents/)
  assert.match(reason(`a: ${'['.repeat(40)}${']'.repeat(40)}`), /Not readable as YAML/)
  assert.match(reason(`a: &x 1\nb: [${Array(40).fill('*x').join(',')}]`), /Not readable as YAML/)
  const bomb = `s: {a: ${JSON.stringify(Array(5_000).fill('v'))}}\ncondition: ${Array(11).fill('s').join(' or ')}`
  assert.match(reason(rule(bomb)), /more than 50000 values/)
})

test('numbers stay what the author meant', () => {
  const { rules } = loadRules([
    { file: 'n', text: rule('s: {a: [00000429, 4688, 58e900, 1.50, 0x10, 12345678901234567890, yes]}\ncondition: s') },
  ])
  const { condition } = rules[0]!
  assert.deepEqual(
    condition.kind === 'or' &&
      condition.of.map((part) => part.kind === 'field' && part.matcher.kind === 'text' && part.matcher.pattern[0]),
    ['00000429', '4688', '58e900', '1.5', '16', '12345678901234567890', 'yes'],
  )
})

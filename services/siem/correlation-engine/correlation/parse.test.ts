import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { parseCorrelations } from './parse.ts'

const rules = [{ id: '5638f7c0', name: 'failed_login' }, { id: '4d0a2c83', name: 'successful_login' }, { id: 'plain' }]
const parse = (...texts: string[]) =>
  parseCorrelations(
    texts.map((text, at) => ({ file: 'own.yml', document: at + 1, content: load(text) })),
    rules,
    1_000,
  )
const section = (text: string): string => `title: T\nname: t\ncorrelation:\n${text.replace(/^/gm, '  ')}`
const count = (more: string): string => section(`type: event_count\nrules: [failed_login]\ntimespan: 1m\n${more}`)

test('a correlation is read with what it references, by id or by name', () => {
  const { correlations, problems, silenced } = parse(
    `title: Brute force
id: 0e95725d
level: high
tags: [attack.t1110]
correlation:
  type: event_count
  rules: [5638f7c0, successful_login]
  group-by: [TargetUserName]
  timespan: 1h
  condition: {gte: 100}`,
  )
  assert.deepEqual(problems, [])
  const { fingerprint, ...rule } = correlations[0] as (typeof correlations)[number]
  assert.match(fingerprint, /^[0-9a-f]{16}$/)
  assert.deepEqual(rule, {
    id: '0e95725d',
    title: 'Brute force',
    level: 'high',
    tags: ['attack.t1110'],
    references: [],
    falsepositives: [],
    type: 'event_count',
    inputs: [
      { from: { kind: 'rule', index: 0 }, id: '5638f7c0', group: ['TargetUserName'], value: [], carry: [] },
      { from: { kind: 'rule', index: 1 }, id: '4d0a2c83', group: ['TargetUserName'], value: [], carry: [] },
    ],
    groupBy: ['TargetUserName'],
    timespan: 3_600_000,
    condition: { kind: 'compare', comparisons: [{ operator: 'gte', value: 100 }] },
    monotone: true,
    carry: [],
    generate: false,
    reported: true,
  })
  assert.deepEqual([...silenced], [0, 1])
})

test("aliases give each rule's own field, and a chain carries what its parents ask for", () => {
  const { correlations, problems } = parse(
    `title: Then in
correlation:
  type: temporal_ordered
  rules: [many, successful_login]
  group-by: [who]
  aliases: {who: {many: TargetUserName, successful_login: SubjectUserName}}
  timespan: 10m`,
    `title: Many
name: many
correlation: {type: event_count, rules: failed_login, group-by: Computer, timespan: 10m, condition: {gte: 10}}`,
  )
  assert.deepEqual(problems, [])
  const [many, then] = correlations
  assert.deepEqual(
    [many?.title, many?.carry, many?.inputs[0]?.carry, many?.reported],
    ['Many', ['TargetUserName'], ['TargetUserName'], false],
  )
  assert.deepEqual(
    then?.inputs.map(({ from, group }) => [from, group]),
    [
      [{ kind: 'correlation', index: 0 }, ['TargetUserName']],
      [{ kind: 'rule', index: 1 }, ['SubjectUserName']],
    ],
  )
  assert.deepEqual(then?.condition, { kind: 'clauses', clauses: [[0, 1]] })
})

test('generate lets the referenced rules report too, for whoever references them beside', () => {
  const loud = count('generate: true\ncondition: {gte: 2}')
  const quiet = count('condition: {gte: 3}').replace('name: t', 'name: u')
  assert.deepEqual([...parse(loud).silenced], [])
  assert.deepEqual([...parse(loud, quiet).silenced], [])
  assert.deepEqual([...parse(quiet).silenced], [0])
})

test('a condition in words names the rules', () => {
  const { correlations, problems } = parse(
    section('type: temporal\ntimespan: 5m\ncondition: (failed_login OR plain) and successful_login'),
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(correlations[0]?.condition, {
    kind: 'clauses',
    clauses: [
      [0, 2],
      [1, 2],
    ],
  })
})

test('not binds closest, and is carried to the rules', () => {
  const condition = (words: string) => {
    const { correlations, problems } = parse(
      section(`type: temporal\nrules: [failed_login, successful_login, plain]\ntimespan: 5m\ncondition: ${words}`),
    )
    assert.deepEqual(problems, [])
    return correlations[0]?.condition
  }
  const [a, b, c] = ['failed_login', 'successful_login', 'plain']
  const absences = (...of: readonly (readonly [needs: number[], lacks: number[]])[]) => ({
    kind: 'absences',
    absences: of.map(([needs, lacks]) => ({ needs, lacks })),
  })
  assert.deepEqual(condition(`${a} and not ${b} and ${c}`), absences([[0, 2], [1]]))
  assert.deepEqual(condition(`${a} and NOT (${b} or ${c})`), absences([[0], [1, 2]]))
  assert.deepEqual(condition(`${a} and not (${b} and not ${c})`), absences([[0], [1]], [[0, 2], []]))
  assert.deepEqual(condition(`${a} or ${c} and not ${b}`), absences([[0], []], [[2], [1]]))
  assert.deepEqual(condition(`not not ${a} and ${b} and ${c}`), { kind: 'clauses', clauses: [[0, 1, 2]] })
})

test('timespans', () => {
  for (const [text, ms] of [
    ['30s', 30_000],
    ['90m', 5_400_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ] as const)
    assert.equal(parse(count('condition: {gte: 1}').replace('1m', text)).correlations[0]?.timespan, ms)
})

test('which rules can fire at once', () => {
  const monotone = (text: string) => parse(text).correlations[0]?.monotone
  assert.deepEqual(
    [
      monotone(count('condition: {gte: 2}')),
      monotone(count('condition: {gt: 2, lte: 9}')),
      monotone(count('condition: {eq: 2}')),
      monotone(section('type: temporal\nrules: [failed_login, plain]\ntimespan: 1m')),
      monotone(section('type: temporal\nrules: [failed_login, plain]\ntimespan: 1m\ncondition: {eq: 2}')),
      monotone(section('type: temporal\nrules: [failed_login, plain]\ntimespan: 1m\ncondition: {lte: 1}')),
      monotone(section('type: value_sum\nrules: [plain]\ntimespan: 1m\ncondition: {gte: 2, field: n}')),
    ],
    [true, false, false, true, true, false, false],
  )
})

const bad: readonly (readonly [string, string, string])[] = [
  [
    'no type',
    section('rules: [plain]\ntimespan: 1m'),
    "'undefined' is no type of correlation: event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile, value_median.",
  ],
  ['no title', count('condition: {gte: 1}').replace('title: T\n', ''), 'The rule has no title.'],
  ['a section that is no map', 'title: T\ncorrelation: yes', "'correlation' is no map."],
  [
    'unknown rule',
    section('type: temporal\nrules: [other]\ntimespan: 1m'),
    "'other' is neither the id nor the name of a rule that is loaded.",
  ],
  ['itself', section('type: temporal\nrules: [t]\ntimespan: 1m'), "'t' references this rule in turn."],
  ['no rules', section('type: temporal\ntimespan: 1m'), 'The rule references no rules.'],
  [
    'timespan',
    section('type: temporal\nrules: [plain]\ntimespan: 1 hour'),
    "Timespan '1 hour' is not a number with s, m, h, d, w, M or y.",
  ],
  ['no condition', count(''), 'event_count needs a condition.'],
  ['empty condition', count('condition: {}'), 'The condition needs one of gt, gte, lt, lte, eq, neq.'],
  [
    'condition of words',
    count('condition: plain'),
    'A condition in words is for temporal correlations, not for event_count.',
  ],
  ['no number', count('condition: {gte: many}'), 'condition.gte is no number.'],
  ['unknown operator', count('condition: {gte: 1, near: 2}'), "The condition has 'near', which Sigma does not know."],
  ['field of a count', count('condition: {gte: 1, field: user}'), 'condition.field has no meaning in event_count.'],
  [
    'no field',
    section('type: value_count\nrules: [plain]\ntimespan: 1m\ncondition: {gte: 1}'),
    'value_count needs condition.field.',
  ],
  [
    'two fields',
    section('type: value_sum\nrules: [plain]\ntimespan: 1m\ncondition: {gte: 1, field: [a, b]}'),
    'value_sum measures one field, not 2.',
  ],
  [
    'no percentile',
    section('type: value_percentile\nrules: [plain]\ntimespan: 1m\ncondition: {gte: 1, field: a}'),
    'value_percentile needs condition.percentile, a number from 0 to 100.',
  ],
  [
    'more than there are',
    section('type: temporal\nrules: [plain]\ntimespan: 1m\ncondition: {gte: 2}'),
    'The condition can never hold: 1 rules are referenced.',
  ],
  [
    'order with a ceiling',
    section('type: temporal_ordered\nrules: [plain, failed_login]\ntimespan: 1m\ncondition: {lte: 1}'),
    'temporal_ordered says how many rules must occur in order at least: use gt or gte.',
  ],
  [
    'more than a window keeps',
    count('condition: {gte: 1001}'),
    'The condition needs 1001 events in a window, and a window keeps 1000.',
  ],
  [
    'nothing that must occur',
    section('type: temporal\nrules: [plain, failed_login]\ntimespan: 1m\ncondition: plain or not failed_login'),
    "The condition can hold where no rule occurs: beside 'not', each alternative must name a rule whose event begins the timespan.",
  ],
  [
    'a contradiction',
    section('type: temporal\nrules: [plain]\ntimespan: 1m\ncondition: plain and not (plain)'),
    'The condition can never hold: it contradicts itself.',
  ],
  [
    'left out',
    section('type: temporal\nrules: [plain, failed_login]\ntimespan: 1m\ncondition: plain'),
    "The condition leaves 'failed_login' of 'rules' out.",
  ],
  [
    'open parenthesis',
    section('type: temporal\nrules: [plain]\ntimespan: 1m\ncondition: (plain'),
    "The condition lacks a ')'.",
  ],
  [
    'two in a row',
    section('type: temporal\nrules: [plain]\ntimespan: 1m\ncondition: plain plain'),
    "The condition goes on with 'plain' where 'and' or 'or' is expected.",
  ],
  ['aliases', count('condition: {gte: 1}\naliases: [a]'), 'Aliases is no map of alias → rule → field.'],
  ['generate', count('condition: {gte: 1}\ngenerate: maybe'), 'Generate is neither true nor false.'],
]
for (const [what, text, reason] of bad)
  test(`a correlation with ${what} is left out with its reason`, () => {
    const { correlations, problems } = parse(text)
    assert.deepEqual(correlations, [])
    assert.deepEqual(
      problems.map((problem) => problem.reason),
      [reason],
    )
  })

test('what references a rule that is left out is left out too, and nothing else', () => {
  const { correlations, problems } = parse(
    section('type: temporal\nrules: [t2]\ntimespan: 1m').replace('name: t', 'name: t1'),
    section('type: temporal\nrules: [missing]\ntimespan: 1m').replace('name: t', 'name: t2'),
    section('type: temporal\nrules: [plain]\ntimespan: 1m').replace('name: t', 'name: t3'),
  )
  assert.deepEqual(
    correlations.map(({ id }) => id),
    ['t3'],
  )
  assert.deepEqual(problems, [
    {
      file: 'own.yml',
      document: 2,
      title: 'T',
      reason: "'missing' is neither the id nor the name of a rule that is loaded.",
    },
    { file: 'own.yml', document: 1, title: 'T', reason: "'t2' is left out itself." },
  ])
})

test('chains have a bottom', () => {
  const level = (n: number, of: string): string =>
    section(`type: temporal\nrules: [${of}]\ntimespan: 1m`).replace('name: t', `name: t${n}`)
  const chain = [...Array(9).keys()].map((n) => level(n, n === 8 ? 'plain' : `t${n + 1}`))
  assert.equal(parse(...chain.slice(1)).correlations.length, 8)
  assert.deepEqual(parse(...chain).problems[0]?.reason, 'Correlations are chained more than 8 deep.')
})

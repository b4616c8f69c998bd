import fc from 'fast-check'
import { parseCidr } from '../cidr.ts'
import type { Expression, Matcher } from '../expression.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { anywhere, fold, foldPattern, type Pattern, parsePattern } from '../pattern.ts'
import { compileRegex } from '../regex.ts'
import type { DetectionRule, LogSource } from '../rule.ts'

/** A mapping with two shapes, renamed fields, an alias, and a declared source: everything that a mapping can say. */
export const testMapping: Mapping = {
  name: 'test',
  shapes: [
    { name: 'nested', at: ['E'], containers: [['E', 'data'], ['E']], aliases: { f: [['E', 'g']] } },
    { name: 'flat', at: [], containers: [[]], aliases: {} },
  ],
  sources: [
    { logsource: { product: 'p' }, events: [{ when: { ch: ['*'] } }] },
    { logsource: { product: 'p', service: 's' }, events: [{ when: { ch: ['a'] } }] },
    {
      logsource: { product: 'p', category: 'c' },
      events: [{ when: { ch: ['a', 'b'], id: [1] } }, { when: { ch: ['b'], id: [2] }, fields: { f: ['g', 'h'] } }],
    },
  ],
  declared: { product: 'source.product', category: 'source.category', service: 'source.service' },
  unknown: 'none',
}

const fields = ['f', 'g', 'h', 'n.m']
const words = ['a', 'b', 'ab', 'aB', 'ba', 'c', 'Ä', 'ς', 'İ', '1', '12', '10.0.0.1', '-']
const text = fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((parts) => parts.join(''))
const scalar = fc.oneof(
  { arbitrary: text, weight: 8 },
  { arbitrary: fc.constantFrom<unknown>(1, 12, 1.5, true, null, '2026-01-05T10:11:12Z'), weight: 3 },
)
const value: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  { arbitrary: fc.array(fc.oneof(scalar, fc.constant([1])), { maxLength: 3 }), weight: 2 },
  { arbitrary: fc.record({ '#text': scalar }), weight: 1 },
  { arbitrary: fc.record({ m: scalar }), weight: 1 },
)
const data = fc.record(Object.fromEntries([...fields, 'n'].map((field) => [field, value])), { requiredKeys: [] })
const source = fc.record(
  {
    ch: fc.constantFrom('a', 'A', 'b', 'x', ''),
    id: fc.constantFrom(1, '1', 2, 3),
    source: fc.record({ product: fc.constantFrom('q', 'p'), service: fc.constantFrom('s', 't') }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)

/** Events of both shapes, with fields that rules name, arrays, maps and nulls. */
export const arbitraryEvent: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.tuple(source, data).map(([head, body]) => ({ ...head, ...body })),
  fc.tuple(source, data, data).map(([head, body, inner]) => ({ E: { ...head, ...body, data: inner } })),
)

const pattern: fc.Arbitrary<Pattern> = fc
  .array(
    fc.oneof({ arbitrary: fc.constantFrom(...words), weight: 3 }, { arbitrary: fc.constantFrom('*', '?'), weight: 2 }),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parsePattern(parts.join('')))

const textMatcher: fc.Arbitrary<Matcher> = fc.tuple(pattern, fc.boolean()).map(([of, cased]) => ({
  kind: 'text',
  pattern: cased ? of : foldPattern(of),
  cased,
}))
const otherMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.constantFrom('a+b', '^ab', 'A', '[0-9]{2}', '(?i)BA$').map(
    (expression): Matcher => ({
      kind: 'regex',
      regex: compileRegex(expression, { ignoreCase: false, multiline: false, dotAll: false }),
    }),
  ),
  fc.constantFrom('10.0.0.0/8', '::/0').map((block): Matcher => ({ kind: 'cidr', cidr: parseCidr(block) })),
  fc
    .tuple(fc.constantFrom('lt', 'lte', 'gt', 'gte'), fc.constantFrom(1, 12))
    .map(([operator, number]): Matcher => ({ kind: 'compare', operator, value: number })),
  fc.constant<Matcher>({ kind: 'time', part: 'hour', operator: 'eq', value: 10 }),
)
const fieldMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  { arbitrary: textMatcher, weight: 8 },
  { arbitrary: otherMatcher, weight: 3 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...fields), fc.constantFrom('equals', 'contains', 'startswith', 'endswith'), fc.boolean())
      .map(([field, mode, cased]): Matcher => ({ kind: 'reference', field, mode, cased })),
    weight: 1,
  },
  { arbitrary: fc.constantFrom<Matcher>({ kind: 'missing' }, { kind: 'present' }), weight: 1 },
)

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...fields), fieldMatcher)
      .map(([field, matcher]): Expression => ({ kind: 'field', field, matcher })),
    weight: 8,
  },
  {
    arbitrary: fc.oneof(textMatcher, otherMatcher).map(
      (matcher): Expression => ({
        kind: 'keyword',
        matcher: matcher.kind === 'text' ? { ...matcher, pattern: anywhere(matcher.pattern) } : matcher,
      }),
    ),
    weight: 2,
  },
)

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map((of): Expression => ({ kind: 'and', of })),
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map((of): Expression => ({ kind: 'or', of })),
    tie('expression').map((of): Expression => ({ kind: 'not', of })),
  ),
}))

const logsource: fc.Arbitrary<LogSource> = fc.constantFrom<LogSource>(
  { product: 'p' },
  { product: 'p', service: 's' },
  { product: 'p', category: 'c' },
  { category: 'c' },
  { product: 'q' },
  { product: 'q', service: 't' },
  { service: 's' },
)

/** Rules of the test mapping's log sources with any condition. */
export const arbitraryRules: fc.Arbitrary<DetectionRule[]> = fc
  .array(fc.tuple(logsource, expression), { minLength: 1, maxLength: 12 })
  .map((rules) =>
    rules.map(([of, condition], index) => ({
      file: 'generated',
      document: index + 1,
      id: fold(`rule ${index}`),
      title: `rule ${index}`,
      references: [],
      tags: [],
      falsepositives: [],
      fields: [],
      logsource: of,
      condition,
    })),
  )

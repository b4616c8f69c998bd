import fc from 'fast-check'
import { parseCorrelations } from '../parse.ts'
import type { CorrelationRule } from '../rule.ts'
import type { PlainMatch } from './reference.ts'

/** Detection rules r0 to r2, which generated correlations reference. */
export const detectionRules = [
  { id: 'r0', name: 'a' },
  { id: 'r1', name: 'b' },
  { id: 'r2', name: 'c' },
]

const lower = fc.oneof(
  fc.record({ gte: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ gt: fc.integer({ min: 0, max: 4 }) }),
)
const anyBounds = fc.oneof(
  lower,
  fc.record({ lt: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ lte: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ eq: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ neq: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ gte: fc.integer({ min: 1, max: 2 }), lte: fc.integer({ min: 3, max: 4 }) }),
)
const groupBy = fc.constantFrom([], ['user'], ['user', 'host'])
const timespan = fc.constantFrom('2s', '5s', '10s', '30s')
const references = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })

const one = fc.oneof(
  fc.record({ type: fc.constant('event_count'), rules: references, condition: anyBounds }),
  fc.record({
    type: fc.constant('value_count'),
    rules: references,
    condition: fc
      .tuple(anyBounds, fc.constantFrom('port', ['port', 'host'], 'user'))
      .map(([bounds, field]) => ({ ...bounds, field })),
  }),
  fc.record({ type: fc.constant('temporal'), rules: references }),
  fc.record({ type: fc.constant('temporal'), rules: fc.constant(['a', 'b', 'c']), condition: fc.constant({ gte: 2 }) }),
  fc.record({ type: fc.constant('temporal'), rules: fc.constant(['a', 'b', 'c']), condition: fc.constant({ lte: 2 }) }),
  fc.record({
    type: fc.constant('temporal'),
    rules: fc.constant(['a', 'b', 'c']),
    condition: fc.constant('a and (b or c)'),
  }),
  fc.record({ type: fc.constant('temporal_ordered'), rules: references }),
  fc.record({
    type: fc.constant('temporal_ordered'),
    rules: fc.constant(['b', 'a', 'c']),
    condition: fc.constant({ gte: 2 }),
  }),
  fc.record({
    type: fc.constant('temporal_ordered'),
    rules: fc.constant(['a', 'b', 'c']),
    condition: fc.constant('c or a and b'),
  }),
  fc.record({
    type: fc.constantFrom('temporal', 'temporal_ordered'),
    rules: fc.constant(['a', 'b', 'c']),
    condition: fc.constantFrom(
      'a and not b and not c',
      'not (b or c) and a',
      'a and b and not c',
      'a or b and not c',
      'a and not b or c and b and not a',
      'a and not (b and c)',
      'not b and (a or c)',
    ),
  }),
  fc.record({
    type: fc.constantFrom('value_sum', 'value_avg', 'value_median'),
    rules: references,
    condition: anyBounds.map((bounds) => ({ ...bounds, field: 'port' })),
  }),
  fc.record({
    type: fc.constant('value_percentile'),
    rules: references,
    condition: anyBounds.map((bounds) => ({ ...bounds, field: 'port', percentile: 75 })),
  }),
)

const child = fc
  .tuple(one, groupBy, timespan)
  .map(([section, group, span]) => ({ ...section, 'group-by': group, timespan: span }))

const parent = fc.oneof(
  fc.record({
    type: fc.constant('temporal_ordered'),
    rules: fc.constantFrom(['child', 'c'], ['a', 'child']),
    'group-by': groupBy,
    timespan,
  }),
  fc.record({
    type: fc.constant('event_count'),
    rules: fc.constant(['child']),
    'group-by': groupBy,
    timespan,
    condition: anyBounds,
  }),
  fc.record({
    type: fc.constantFrom('value_count', 'value_sum'),
    rules: fc.constant(['child']),
    'group-by': fc.constantFrom([], ['host']),
    timespan,
    condition: anyBounds.map((bounds) => ({ ...bounds, field: 'port' })),
  }),
  fc.record({
    type: fc.constantFrom('temporal', 'temporal_ordered'),
    rules: fc.constant(['child', 'b']),
    condition: fc.constantFrom('child and not b', 'b and not child'),
    'group-by': groupBy,
    timespan,
  }),
  fc.record({
    type: fc.constant('temporal'),
    rules: fc.constant(['child', 'b']),
    'group-by': fc.constant(['who']),
    aliases: fc.constant({ who: { child: 'user', b: 'host' } }),
    timespan,
  }),
)

/** A correlation alone, or one that others are chained to; all are reported. */
export const correlations: fc.Arbitrary<readonly CorrelationRule[]> = fc
  .tuple(child, fc.option(parent))
  .map(([first, second]) => {
    const documents = [
      { file: 'child', document: 1, content: { title: 'child', name: 'child', correlation: first } },
      ...(second
        ? [{ file: 'parent', document: 1, content: { title: 'parent', correlation: { ...second, generate: true } } }]
        : []),
    ]
    const parsed = parseCorrelations(documents, detectionRules, 1_000)
    if (parsed.problems.length > 0) throw new Error(JSON.stringify(parsed.problems))
    return parsed.correlations
  })

const fields = fc.record({
  user: fc.constantFrom('alice', 'ALICE', 'bob', undefined),
  host: fc.constantFrom('h1', 'alice', 7),
  port: fc.constantFrom(1, 2, '2', '0x2', 3.5, 0.1, -1, undefined),
})

/** Matches of two tenants within two minutes, on whole and half seconds (so that many share a time), in order of time. */
export const matches: fc.Arbitrary<readonly PlainMatch[]> = fc
  .array(
    fc.tuple(
      fc.nat(240),
      fc.constantFrom('t1', 't2'),
      fields,
      fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((events) =>
    events
      .map(([half, tenant, of, rules], index) => ({
        time: 1_000_000 + half * 500,
        tenant,
        fields: of,
        rules,
        ref: `e${index}`,
      }))
      .sort((a, b) => a.time - b.time)
      .flatMap(({ rules, ...event }) => rules.map((rule) => ({ ...event, rule }))),
  )

/** The same matches as they may arrive: each at most `most` ms later than those of its time, an event's matches together. */
export const delayed = (all: readonly PlainMatch[], delays: readonly number[], most: number): PlainMatch[] => {
  const refs = [...new Set(all.map(({ ref }) => ref))]
  const delay = new Map(refs.map((ref, at) => [ref, (delays[at % Math.max(1, delays.length)] ?? 0) % (most + 1)]))
  return all
    .map((match, at) => ({ match, at, arrival: match.time + (delay.get(match.ref) as number) }))
    .sort((a, b) => a.arrival - b.arrival || a.at - b.at)
    .map(({ match }) => match)
}

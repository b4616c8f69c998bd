import { isObject, unknownKeys } from './conditions.ts'
import { isOneOf } from './fields.ts'
import type { Source } from './sources.ts'
import { type Parsed, shown } from './values.ts'

/** Quantiles that can be asked for, and their SQL. */
const quantiles = { p50: '0.5', p75: '0.75', p90: '0.9', p95: '0.95', p99: '0.99', p999: '0.999' } as const
export type Quantile = keyof typeof quantiles
const quantileNames = Object.keys(quantiles) as Quantile[]

const ofNumbers = ['min', 'max', 'avg', 'sum'] as const

/** What a question computes of each group. */
export type Aggregate =
  | 'count'
  | 'uniq_id'
  /** Different values of a field that can be grouped by. */
  | { readonly uniq: string }
  | { readonly fn: (typeof ofNumbers)[number]; readonly of: string }
  /** In the order of `quantiles`. */
  | { readonly quantiles: readonly Quantile[]; readonly of: string }

/** A number of an answer: SQL, the column's name, and whether it counts something. */
export interface AggregateColumn {
  readonly name: string
  readonly kind: 'count' | 'real'
  readonly sql: string
}

const hint = (source: Source): string =>
  `must be one of count, uniq_id, {"uniq": FIELD}, {"min": NUMBER} (max, avg, sum) or {"quantiles": ["p50", …], "of": NUMBER}; numbers are ${Object.keys(source.numbers).join(', ')}`

/** Reads what to compute. */
export function parseAggregate(value: unknown, source: Source): Parsed<Aggregate> {
  if (value === 'count' || value === 'uniq_id') return { value }
  const problem = { problem: hint(source) }
  if (!isObject(value)) return problem
  const [fn, ...rest] = Object.keys(value)
  const isNumber = (name: unknown): name is string => typeof name === 'string' && Object.hasOwn(source.numbers, name)
  if (fn === 'uniq' && rest.length === 0)
    return isOneOf(source.groups, value.uniq) ? { value: { uniq: value.uniq } } : problem
  if (isOneOf(ofNumbers, fn) && rest.length === 0)
    return isNumber(value[fn]) ? { value: { fn, of: value[fn] as string } } : problem
  const { quantiles: wanted, of } = value
  const strange: string[] = []
  unknownKeys(value, ['quantiles', 'of'], '', strange)
  if (strange.length > 0 || !isNumber(of) || !Array.isArray(wanted) || wanted.length === 0) return problem
  const bad = wanted.find((name) => !isOneOf(quantileNames, name))
  if (bad !== undefined || wanted.length > quantileNames.length)
    return { problem: `asks for the quantile ${shown(bad)}; there are ${quantileNames.join(', ')}` }
  return { value: { quantiles: quantileNames.filter((name) => wanted.includes(name)), of } }
}

/**
 * Quantiles are within 1 % of the value, whatever the order of the rows (DDSketch).
 * @see https://www.vldb.org/pvldb/vol12/p2195-masson.pdf
 */
const quantileAccuracy = 0.01

/** The columns that answer it. */
export function aggregateColumns(aggregate: Aggregate, source: Source): readonly AggregateColumn[] {
  if (aggregate === 'count') return [{ name: 'count', kind: 'count', sql: 'count()' }]
  if (aggregate === 'uniq_id') {
    const identity = source.identity.map(({ name }) => name).join(', ')
    return [{ name: 'uniq_id', kind: 'count', sql: `uniqExact(${identity})` }]
  }
  if ('uniq' in aggregate) return [{ name: 'uniq', kind: 'count', sql: `uniqExact(${aggregate.uniq})` }]
  const of = source.numbers[aggregate.of]!
  if ('fn' in aggregate) return [{ name: aggregate.fn, kind: 'real', sql: `${aggregate.fn}OrNull(${of})` }]
  const levels = aggregate.quantiles.map((name) => quantiles[name]).join(', ')
  return aggregate.quantiles.map((name, i) => ({
    name,
    kind: 'real',
    sql: `arrayElement(quantilesDD(${quantileAccuracy}, ${levels})(${of}), ${i + 1})`,
  }))
}

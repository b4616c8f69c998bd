import { HttpError } from '../../common/http/errors.ts'
import { type Aggregate, parseAggregate } from './aggregates.ts'
import { type Condition, type Findings, isObject, parseFilter, unknownKeys } from './conditions.ts'
import { isOneOf } from './fields.ts'
import { type SourceName, sourceNames, sources } from './sources.ts'
import { type Parsed, parseBucket, parseInstant, shown } from './values.ts'

/** Group by a field, or by spans of time of so many milliseconds. */
export type Group = string | { readonly bucketMs: number }

/** What a tenant wants to have counted, checked and brought into one form: equal questions are equal texts of JSON. */
export interface Question {
  readonly source: SourceName
  readonly aggregate: Aggregate
  readonly filter: readonly Condition[]
  readonly timeField: string
  /** Milliseconds since the epoch: from included, to not. */
  readonly from: number | null
  readonly to: number | null
  readonly groupBy: readonly Group[]
  readonly limit: number
  /** Only the first so many groups of each bucket. */
  readonly perBucket: number | null
  /** Buckets without rows stand in the answer too. */
  readonly fill: boolean
}

const maxGroups = 3
export const defaultLimit = 100
const members = [
  'source',
  'aggregate',
  'filter',
  'from',
  'to',
  'timeField',
  'groupBy',
  'limit',
  'perBucket',
  'fill',
] as const

const otherTenant = () =>
  new HttpError(
    403,
    'OTHER_TENANT',
    "A token answers for its own tenant alone: a filter on the tenant, or on an event's id, may name no other.",
  )

export const badQuery = (problems: readonly string[]) =>
  new HttpError(
    400,
    'BAD_QUERY',
    `The question has ${problems.length} problem(s), and nothing was asked: ${problems.join(' ')}`,
    { details: { problems } },
  )

/** Reads the members of a question; whatever is wrong with one is collected. */
export class Members {
  readonly findings: Findings = { problems: [], foreign: false }
  readonly #body: Readonly<Record<string, unknown>>

  /** Throws HttpError 400 BAD_QUERY when it is no object. */
  constructor(body: unknown, known: readonly string[], example: string) {
    if (!isObject(body)) throw badQuery([`A question is a JSON object; ${example}.`])
    this.#body = body
    unknownKeys(body, known, '', this.findings.problems)
  }

  raw(name: string): unknown {
    return this.#body[name]
  }

  take<T>(name: string, read: (value: unknown) => Parsed<T>, fallback: T): T {
    const value = this.#body[name]
    if (value === undefined) return fallback
    const parsed = read(value)
    if ('value' in parsed) return parsed.value
    this.findings.problems.push(`${name} (${shown(value)}) ${parsed.problem}.`)
    return fallback
  }

  span(): { readonly from: number | null; readonly to: number | null } {
    const from = this.take<number | null>('from', parseInstant, null)
    const to = this.take<number | null>('to', parseInstant, null)
    if (from !== null && to !== null && from >= to)
      this.findings.problems.push('from must be before to: the span is half open.')
    return { from, to }
  }

  /** Throws HttpError: 403 OTHER_TENANT before 400 BAD_QUERY with every problem at once. */
  settle(): void {
    if (this.findings.foreign) throw otherTenant()
    if (this.findings.problems.length > 0) throw badQuery(this.findings.problems)
  }
}

export const word =
  <const T extends string>(words: readonly T[]) =>
  (value: unknown): Parsed<T> =>
    isOneOf(words, value) ? { value } : { problem: `must be one of ${words.join(', ')}` }

export const wholeWithin =
  (max: number) =>
  (value: unknown): Parsed<number> =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max
      ? { value: value as number }
      : { problem: `must be a whole number from 1 to ${max}` }

const bool = (value: unknown): Parsed<boolean> =>
  typeof value === 'boolean' ? { value } : { problem: 'must be true or false' }

/**
 * Reads a question of `tenant`. Throws HttpError: 403 OTHER_TENANT where it reaches for another tenant's events, otherwise 400 BAD_QUERY
 * with every problem at once.
 */
export function parseQuestion(body: unknown, tenant: string, maxRows: number): Question {
  const read = new Members(body, members, '{} counts all events')
  const { problems } = read.findings
  const name = read.take<SourceName>('source', word(sourceNames), 'events')
  const source = sources[name]
  const question: Question = {
    source: name,
    aggregate: read.take<Aggregate>('aggregate', (value) => parseAggregate(value, source), 'count'),
    filter: parseFilter(read.raw('filter'), { tenant, source }, read.findings),
    timeField: read.take<string>('timeField', word(source.instants), 'time'),
    ...read.span(),
    groupBy: parseGroups(read.raw('groupBy'), source.groups, problems),
    limit: read.take('limit', wholeWithin(maxRows), Math.min(defaultLimit, maxRows)),
    perBucket: read.take<number | null>('perBucket', wholeWithin(maxRows), null),
    fill: read.take<boolean>('fill', bool, false),
  }
  checkBuckets(question, problems)
  read.settle()
  return question
}

function checkBuckets({ groupBy, perBucket, fill, from, to, limit }: Question, problems: string[]): void {
  const bucket = groupBy.find((group) => typeof group !== 'string')
  if (perBucket !== null && (bucket === undefined || groupBy.length < 2))
    problems.push('perBucket needs a bucket and a field in groupBy.')
  if (!fill) return
  if (bucket === undefined || groupBy.length > 1 || from === null || to === null)
    problems.push('fill needs from, to and a bucket alone in groupBy.')
  else if (Math.ceil((to - from) / bucket.bucketMs) + 1 > limit)
    problems.push(`fill needs a limit that holds every bucket of the span: wider buckets, or a limit above ${limit}.`)
}

/** Reads what to group by; whatever is wrong with it goes into `problems`. */
export function parseGroups(
  groupBy: unknown,
  fields: readonly string[],
  problems: string[],
  most = maxGroups,
): readonly Group[] {
  if (groupBy === undefined) return []
  if (!Array.isArray(groupBy) || groupBy.length > most) {
    problems.push(
      `groupBy must be a list of at most ${most} of ${fields.join(', ')}, or of one {"bucket": "<n>s|m|h|d"} and fields.`,
    )
    return []
  }
  const groups = groupBy.flatMap((entry: unknown, i): Group[] => {
    if (isOneOf(fields, entry)) return [entry]
    if (isObject(entry) && Object.hasOwn(entry, 'bucket')) {
      unknownKeys(entry, ['bucket'], `groupBy[${i}]: `, problems)
      const width = parseBucket(entry.bucket)
      if ('value' in width) return [{ bucketMs: width.value }]
      problems.push(`groupBy[${i}].bucket (${shown(entry.bucket)}) ${width.problem}.`)
      return []
    }
    problems.push(`groupBy[${i}] (${shown(entry)}) must be one of ${fields.join(', ')} or {"bucket": "1h"}.`)
    return []
  })
  const names = groups.map(groupName)
  if (new Set(names).size < names.length) problems.push('groupBy must not name anything twice.')
  return groups
}

/** The column of a group in the answer. */
export const groupName = (group: Group): string => (typeof group === 'string' ? group : 'bucket')

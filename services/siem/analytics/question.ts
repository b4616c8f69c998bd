import { HttpError } from '../../common/http/errors.ts'
import { type Condition, type Findings, isObject, parseFilter, unknownKeys } from './conditions.ts'
import {
  type Aggregate,
  aggregates,
  type GroupField,
  groupFields,
  type InstantField,
  instantFields,
  isOneOf,
} from './fields.ts'
import { type Parsed, parseBucket, parseInstant, shown } from './values.ts'

/** Group by a field, or by spans of time of so many milliseconds. */
export type Group = GroupField | { readonly bucketMs: number }

/** What a tenant asks of its own events, checked and brought into one form: equal questions are equal texts of JSON. */
export interface Question {
  readonly aggregate: Aggregate
  readonly filter: readonly Condition[]
  readonly timeField: InstantField
  /** Milliseconds since the epoch: from included, to not. */
  readonly from: number | null
  readonly to: number | null
  readonly groupBy: readonly Group[]
  readonly limit: number
}

export const maxGroups = 3
export const defaultLimit = 100
const members = ['aggregate', 'filter', 'from', 'to', 'timeField', 'groupBy', 'limit']

const otherTenant = () =>
  new HttpError(
    403,
    'OTHER_TENANT',
    "A token answers for its own tenant alone: a filter on the tenant, or on an event's id, may name no other.",
  )

const badQuery = (problems: readonly string[]) =>
  new HttpError(
    400,
    'BAD_QUERY',
    `The question has ${problems.length} problem(s), and nothing was asked: ${problems.join(' ')}`,
    { details: { problems } },
  )

/**
 * Reads a question of `tenant`. Throws HttpError: 403 OTHER_TENANT where it reaches for another tenant's events, otherwise 400 BAD_QUERY
 * with every problem at once.
 */
export function parseQuestion(body: unknown, tenant: string, maxRows: number): Question {
  if (!isObject(body)) throw badQuery(['A question is a JSON object; {} counts all events.'])
  const findings: Findings = { problems: [], foreign: false }
  const { problems } = findings
  unknownKeys(body, members, '', problems)

  const take = <T>(name: string, read: (value: unknown) => Parsed<T>, fallback: T): T => {
    const value = body[name]
    if (value === undefined) return fallback
    const parsed = read(value)
    if ('value' in parsed) return parsed.value
    problems.push(`${name} (${shown(value)}) ${parsed.problem}.`)
    return fallback
  }
  const word =
    <const T extends string>(words: readonly T[]) =>
    (value: unknown): Parsed<T> =>
      isOneOf(words, value) ? { value } : { problem: `must be one of ${words.join(', ')}` }

  const question: Question = {
    aggregate: take('aggregate', word(aggregates), 'count'),
    filter: inOrder(parseFilter(body.filter, tenant, findings)),
    timeField: take('timeField', word(instantFields), 'time'),
    from: take<number | null>('from', parseInstant, null),
    to: take<number | null>('to', parseInstant, null),
    groupBy: parseGroups(body.groupBy, problems),
    limit: take('limit', limitWithin(maxRows), Math.min(defaultLimit, maxRows)),
  }
  const { from, to } = question
  if (from !== null && to !== null && from >= to) problems.push('from must be before to: the span is half open.')
  if (findings.foreign) throw otherTenant()
  if (problems.length > 0) throw badQuery(problems)
  return question
}

const limitWithin =
  (maxRows: number) =>
  (value: unknown): Parsed<number> =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxRows
      ? { value: value as number }
      : { problem: `must be a whole number from 1 to ${maxRows}` }

/** All conditions must hold, so their order says nothing. */
function inOrder(filter: readonly Condition[]): readonly Condition[] {
  const byText = new Map(filter.map((condition) => [JSON.stringify(condition), condition]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, condition]) => condition)
}

function parseGroups(groupBy: unknown, problems: string[]): readonly Group[] {
  if (groupBy === undefined) return []
  if (!Array.isArray(groupBy) || groupBy.length > maxGroups) {
    problems.push(
      `groupBy must be a list of at most ${maxGroups} of ${groupFields.join(', ')}, or of one {"bucket": "<n>s|m|h|d"} and fields.`,
    )
    return []
  }
  const groups = groupBy.flatMap((entry: unknown, i): Group[] => {
    if (isOneOf(groupFields, entry)) return [entry]
    if (isObject(entry) && Object.hasOwn(entry, 'bucket')) {
      unknownKeys(entry, ['bucket'], `groupBy[${i}]: `, problems)
      const width = parseBucket(entry.bucket)
      if ('value' in width) return [{ bucketMs: width.value }]
      problems.push(`groupBy[${i}].bucket (${shown(entry.bucket)}) ${width.problem}.`)
      return []
    }
    problems.push(`groupBy[${i}] (${shown(entry)}) must be one of ${groupFields.join(', ')} or {"bucket": "1h"}.`)
    return []
  })
  const names = groups.map(groupName)
  if (new Set(names).size < names.length) problems.push('groupBy must not name anything twice.')
  return groups
}

/** The column of a group in the answer. */
export const groupName = (group: Group): string => (typeof group === 'string' ? group : 'bucket')

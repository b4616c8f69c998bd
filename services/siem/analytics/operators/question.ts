import { type Condition, parseFilter } from '../conditions.ts'
import { type Group, groupName, Members, parseGroups, wholeWithin } from '../question.ts'
import { type Source, sources } from '../sources.ts'
import { parseInstant } from '../values.ts'

/** What operators ask of all tenants together, checked and brought into one form. */
export interface CrossQuestion {
  readonly filter: readonly SharedCondition[]
  /** Milliseconds since the epoch: from included, to not. Whole multiples of the grain. */
  readonly from: number
  readonly to: number
  readonly groupBy: readonly Group[]
  readonly limit: number
}

/** One of the values of a field that tenants have in common. */
export interface SharedCondition {
  readonly field: string
  readonly values: readonly string[]
}

/** What says what kind of event it is. No host, batch, user, address or text: these are of one tenant. */
const sharedFields = ['channel', 'code', 'provider'] as const
const maxGroups = 2
const maxFilters = 5
const members = ['filter', 'from', 'to', 'groupBy', 'limit'] as const

const { fields, ...others } = sources.events
const shared: Source = {
  ...others,
  fields: Object.fromEntries(sharedFields.map((name) => [name, fields[name] ?? { kind: 'text' as const }])),
  groups: sharedFields,
}

export interface CrossLimits {
  readonly maxRows: number
  /** Milliseconds. */
  readonly grainMs: number
}

/** Throws HttpError 400 BAD_QUERY with every problem at once. */
export function parseCrossQuestion(body: unknown, { maxRows, grainMs }: CrossLimits): CrossQuestion {
  const read = new Members(body, members, 'from and to are needed')
  const { problems } = read.findings
  const grain = `whole multiples of ${grainMs / 1_000} s since 1970`
  const at = (name: 'from' | 'to'): number => {
    const value = read.take<number | undefined>(name, parseInstant, undefined)
    if (value === undefined) {
      if (read.raw(name) === undefined) problems.push(`${name} is needed.`)
      return 0
    }
    if (value % grainMs !== 0) problems.push(`${name} must be one of the ${grain}.`)
    return value
  }
  const [from, to] = [at('from'), at('to')]
  if (problems.length === 0 && from >= to) problems.push('from must be before to: the span is half open.')
  const conditions = parseFilter(read.raw('filter'), { tenant: '', source: shared }, read.findings)
  const groupBy = parseGroups(read.raw('groupBy'), sharedFields, problems, maxGroups)
  for (const group of groupBy)
    if (typeof group !== 'string' && group.bucketMs % grainMs !== 0)
      problems.push(`A bucket must be one of the ${grain}.`)
  const limit = read.take('limit', wholeWithin(maxRows), Math.min(100, maxRows))
  const filter = conditions.flatMap((condition) => sharedCondition(condition, problems))
  if (filter.length > maxFilters) problems.push(`filter must be at most ${maxFilters} conditions.`)
  read.settle()
  return { filter, from, to, groupBy, limit }
}

/** What a value is not, or what it contains, could cut one tenant out of many. */
function sharedCondition(condition: Condition, problems: string[]): SharedCondition[] {
  if (condition.kind === 'text' && condition.op === 'eq') return [{ field: condition.field, values: [condition.value] }]
  if (condition.kind === 'text' && condition.op === 'in') return [{ field: condition.field, values: condition.value }]
  problems.push('A filter over all tenants takes eq and in alone.')
  return []
}

export { groupName }

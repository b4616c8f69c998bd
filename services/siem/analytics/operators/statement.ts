import { sources } from '../sources.ts'
import type { AnswerColumn, Statement } from '../statement.ts'
import { instant, instantType, Params } from '../where.ts'
import { type CrossQuestion, groupName } from './question.ts'

export interface CrossRules {
  readonly minTenants: number
  readonly largestShare: number
}

/** Two halves of the key under which tenants get their pseudonyms. */
export type PseudonymKey = readonly [bigint, bigint]

/** The numbers of a group, after its own columns; they are for `released` and for nobody else. */
export const groupNumbers = ['tenants', 'events', 'largest', 'members'] as const

/**
 * The statement for groups over all tenants. Its inner half counts per tenant and puts a pseudonym in place of the name, its outer half sums
 * up and drops every group that is too small or mostly one tenant's, so neither names nor such groups leave the engine. A filter's value that fewer
 * than `minTenants` have in the span is no value: with a list of a common and a rare one nobody can cut out who has the rare one.
 */
export function crossStatement(question: CrossQuestion, key: PseudonymKey, rules: CrossRules): Statement {
  const { table } = sources.events
  const { filter, from, to, groupBy, limit } = question
  const params = new Params()
  const least = params.add('UInt32', rules.minTenants, 'least')
  const span = `time >= ${params.add(instantType, instant(from), 'from')} AND time < ${params.add(instantType, instant(to), 'to')}`
  const common = filter.map(({ field, values }) => {
    const list = params.add('Array(String)', values)
    return `${field} IN (SELECT ${field} FROM ${table} WHERE ${span} AND ${field} IN ${list} GROUP BY ${field} HAVING uniqExact(tenant) >= ${least})`
  })
  const names = groupBy.map(groupName)
  const at = 'toUnixTimestamp64Milli(time)'
  const groups = groupBy.map((group) =>
    typeof group === 'string'
      ? group
      : `${at} - positiveModulo(${at}, ${params.add('Int64', group.bucketMs)}) AS bucket`,
  )
  const [low, high] = key.map((half, i) => params.add('UInt64', half.toString(), `key${i}`))
  const inner = [
    `SELECT ${[...groups, `sipHash64Keyed((${low}, ${high}), toString(tenant)) AS pseudonym`, 'count() AS own'].join(', ')}`,
    `FROM ${table} WHERE ${[span, ...common].join(' AND ')} GROUP BY ${[...names, 'tenant'].join(', ')}`,
  ].join(' ')
  const order = [...(names.includes('bucket') ? ['bucket'] : []), 'events DESC', ...names]
  const sql = [
    `SELECT ${[...names, 'count() AS tenants', 'sum(own) AS events', 'max(own) AS largest', 'groupBitXor(pseudonym) AS members'].join(', ')}`,
    `FROM (${inner})`,
    ...(names.length > 0 ? [`GROUP BY ${names.join(', ')}`] : []),
    `HAVING tenants >= ${least} AND largest <= events * ${params.add('Float64', rules.largestShare, 'share')}`,
    `ORDER BY ${[...new Set(order)].join(', ')} LIMIT ${params.add('UInt32', limit, 'limit')}`,
  ].join(' ')
  return {
    sql,
    params: params.values,
    columns: [
      ...names.map((name): AnswerColumn => ({ name, kind: name === 'bucket' ? 'instant' : 'text' })),
      ...groupNumbers.map((name): AnswerColumn => ({ name, kind: 'count' })),
    ],
  }
}

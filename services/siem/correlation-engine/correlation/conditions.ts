import { absencesOf, combinations } from './expression.ts'
import { type Comparison, type Condition, type CorrelationType, type Operator, operators } from './rule.ts'

/** What is wrong with a rule; the message is the reason that people read. */
export class CorrelationError extends Error {
  readonly code = 'BAD_CORRELATION'
}

/** A `condition` section, read. */
export interface ParsedCondition {
  readonly condition: Condition
  readonly fields: readonly string[]
  readonly percentile?: number
  readonly monotone: boolean
}

const compare: Readonly<Record<Operator, (measured: number, value: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
}

/** All comparisons hold. */
export const passes = (comparisons: readonly Comparison[], measured: number): boolean => {
  for (const { operator, value } of comparisons) if (!compare[operator](measured, value)) return false
  return true
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined

const temporal = (type: CorrelationType): boolean => type === 'temporal' || type === 'temporal_ordered'
const counts = (type: CorrelationType): boolean => type === 'event_count' || type === 'value_count'
const lowerOnly = (comparisons: readonly Comparison[]): boolean =>
  comparisons.every(({ operator }) => operator === 'gt' || operator === 'gte')

function comparisonsOf(map: Record<string, unknown>): Comparison[] {
  return operators
    .filter((operator) => Object.hasOwn(map, operator))
    .map((operator) => {
      const value = typeof map[operator] === 'string' ? Number(map[operator] || Number.NaN) : map[operator]
      if (typeof value !== 'number' || !Number.isFinite(value))
        throw new CorrelationError(`condition.${operator} is no number`)
      return { operator, value }
    })
}

function fieldsOf(type: CorrelationType, field: unknown): string[] {
  const fields = (Array.isArray(field) ? field : field === undefined ? [] : [field]) as unknown[]
  if (!fields.every((name): name is string => typeof name === 'string' && name !== ''))
    throw new CorrelationError('condition.field is neither a name nor a list of names')
  if (temporal(type) || type === 'event_count') {
    if (fields.length > 0) throw new CorrelationError(`condition.field has no meaning in ${type}`)
  } else if (fields.length === 0) throw new CorrelationError(`${type} needs condition.field`)
  else if (fields.length > 1 && type !== 'value_count')
    throw new CorrelationError(`${type} measures one field, not ${fields.length}`)
  return fields
}

function percentileOf(type: CorrelationType, given: unknown): number | undefined {
  if (type === 'value_median') return 50
  if (type !== 'value_percentile') return undefined
  const percentile = Number(given ?? Number.NaN)
  if (!(percentile >= 0 && percentile <= 100))
    throw new CorrelationError('value_percentile needs condition.percentile, a number from 0 to 100')
  return percentile
}

/** Of temporal types the measured number is how many of the rules occurred: 0 to `slots`. */
function temporalCondition(type: CorrelationType, comparisons: readonly Comparison[], slots: number): ParsedCondition {
  const holding = Array.from({ length: slots }, (_, index) => index + 1).filter((n) => passes(comparisons, n))
  const least = holding[0]
  if (least === undefined) throw new CorrelationError(`the condition can never hold: ${slots} rules are referenced`)
  const upward = holding.length === slots - least + 1
  if (type === 'temporal_ordered') {
    if (!upward)
      throw new CorrelationError('temporal_ordered says how many rules must occur in order at least: use gt or gte')
    return { condition: { kind: 'clauses', clauses: combinations(slots, least) }, fields: [], monotone: true }
  }
  return { condition: { kind: 'compare', comparisons }, fields: [], monotone: upward }
}

/** Reads `condition` of a correlation of `slots` rules. `most` bounds what a window can count. Throws CorrelationError, ExpressionError. */
export function conditionOf(
  type: CorrelationType,
  given: unknown,
  slotNames: readonly (readonly string[])[],
  most: number,
): ParsedCondition {
  const slots = slotNames.length
  if (typeof given === 'string') {
    if (!temporal(type))
      throw new CorrelationError(`a condition in words is for temporal correlations, not for ${type}`)
    const slotOf = (name: string): number | undefined => {
      const slot = slotNames.findIndex((names) => names.includes(name))
      return slot < 0 ? undefined : slot
    }
    const { absences, named } = absencesOf(given, slotOf)
    const unused = slotNames.findIndex((_, slot) => !named.has(slot))
    if (unused >= 0) throw new CorrelationError(`the condition leaves '${slotNames[unused]?.[0]}' of 'rules' out`)
    if (absences.some(({ lacks }) => lacks.length > 0))
      return { condition: { kind: 'absences', absences }, fields: [], monotone: false }
    const clauses = absences.map(({ needs }) => needs)
    return { condition: { kind: 'clauses', clauses }, fields: [], monotone: true }
  }
  const map = record(given)
  if (!map) {
    if (given === undefined && temporal(type))
      return temporalCondition(type, [{ operator: 'gte', value: slots }], slots)
    throw new CorrelationError(given === undefined ? `${type} needs a condition` : 'the condition is no map')
  }
  const odd = Object.keys(map).filter(
    (key) => key !== 'field' && key !== 'percentile' && !operators.includes(key as Operator),
  )
  if (odd.length > 0) throw new CorrelationError(`the condition has '${odd.join("', '")}', which Sigma does not know`)
  const comparisons = comparisonsOf(map)
  if (comparisons.length === 0) throw new CorrelationError(`the condition needs one of ${operators.join(', ')}`)
  const fields = fieldsOf(type, map.field)
  if (temporal(type)) return temporalCondition(type, comparisons, slots)
  const percentile = percentileOf(type, map.percentile)
  if (counts(type)) {
    const lower = Math.max(
      0,
      ...comparisons.map(({ operator, value }) =>
        operator === 'gt' || operator === 'gte' || operator === 'eq' ? value : 0,
      ),
    )
    if (lower > most)
      throw new CorrelationError(`the condition needs ${lower} events in a window, and a window keeps ${most}`)
  }
  return {
    condition: { kind: 'compare', comparisons },
    fields,
    monotone: counts(type) && lowerOnly(comparisons),
    ...(percentile === undefined ? {} : { percentile }),
  }
}

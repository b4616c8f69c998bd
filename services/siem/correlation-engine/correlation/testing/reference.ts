import { passes } from '../conditions.ts'
import type { CorrelationRule } from '../rule.ts'
import { type GroupValue, groupValue, joinedKey, numberOf, valueKey } from '../values.ts'

/** The slow and plain way: every window is made anew from all events. Tests hold the correlator to it. */

export interface PlainMatch {
  readonly rule: number
  readonly tenant: string
  readonly time: number
  readonly ref: string
  readonly fields: Readonly<Record<string, unknown>>
}

interface Item {
  readonly tenant: string
  readonly key: string
  readonly time: number
  readonly slot: number
  readonly ref: string
  readonly value: number | string | undefined
  readonly field: (name: string) => unknown
  readonly evidence: readonly string[]
}

export interface PlainOccurrence {
  readonly rule: string
  readonly tenant: string
  readonly key: string
  readonly time: number
  readonly events: readonly string[]
  readonly values: readonly GroupValue[]
  readonly rows: readonly ((name: string) => unknown)[]
}

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)]

/** Greedy search is not used on purpose: every way through the slots is tried. */
function inOrder(window: readonly Item[], clause: readonly number[], after = Number.NEGATIVE_INFINITY): boolean {
  const [slot, ...rest] = clause
  if (slot === undefined) return true
  return window.some((item) => item.slot === slot && item.time > after && inOrder(window, rest, item.time))
}

function measured(rule: CorrelationRule, window: readonly Item[]): number | undefined {
  const values = distinct(window.map(({ ref, value }) => JSON.stringify([ref, value])))
    .map((pair) => (JSON.parse(pair) as [string, number | string | undefined | null])[1])
    .filter((value) => value !== undefined && value !== null)
  const numbers = (values as number[]).sort((a, b) => a - b)
  switch (rule.type) {
    case 'event_count':
      return distinct(window.map(({ ref }) => ref)).length
    case 'value_count':
      return distinct(values).length
    case 'temporal':
    case 'temporal_ordered':
      return distinct(window.map(({ slot }) => slot)).length
    case 'value_sum':
      return numbers.length > 0 ? numbers.reduce((sum, n) => sum + n, 0) : undefined
    case 'value_avg':
      return numbers.length > 0 ? numbers.reduce((sum, n) => sum + n, 0) / numbers.length : undefined
    default: {
      if (numbers.length === 0) return undefined
      const rank = ((numbers.length - 1) * (rule.percentile ?? 50)) / 100
      const part = rank - Math.floor(rank)
      return (numbers[Math.floor(rank)] as number) * (1 - part) + (numbers[Math.ceil(rank)] as number) * part
    }
  }
}

function holds(rule: CorrelationRule, window: readonly Item[]): boolean {
  const { condition, type } = rule
  if (condition.kind === 'compare') {
    const value = measured(rule, window)
    return value !== undefined && passes(condition.comparisons, value)
  }
  if (type === 'temporal_ordered') return condition.clauses.some((clause) => inOrder(window, clause))
  return condition.clauses.some((clause) => clause.every((slot) => window.some((item) => item.slot === slot)))
}

/** The items that speak for it: in order, for each rule those of the first time that comes after the rule before. */
function evidence(rule: CorrelationRule, window: readonly Item[]): Item[] {
  const { condition, type } = rule
  if (condition.kind === 'compare')
    return window.filter(({ value }) => value !== undefined || !/^value_(?!count)/.test(type))
  const of = condition.clauses.flatMap((clause) => {
    if (type !== 'temporal_ordered')
      return clause.every((slot) => window.some((item) => item.slot === slot))
        ? window.filter(({ slot }) => clause.includes(slot))
        : []
    if (!inOrder(window, clause)) return []
    let after = Number.NEGATIVE_INFINITY
    return clause.flatMap((slot) => {
      after = Math.min(...window.filter((item) => item.slot === slot && item.time > after).map(({ time }) => time))
      return window.filter((item) => item.slot === slot && item.time === after)
    })
  })
  return window.filter((item) =>
    of.some(({ ref, time, field }) => ref === item.ref && time === item.time && field === item.field),
  )
}

function itemsOf(
  rule: CorrelationRule,
  matches: readonly PlainMatch[],
  byRule: readonly (readonly PlainOccurrence[])[],
): Item[] {
  return rule.inputs.flatMap((input, slot) => {
    const sources =
      input.from.kind === 'rule'
        ? matches
            .filter((match) => match.rule === input.from.index)
            .map(({ tenant, time, ref, fields }) => ({
              tenant,
              time,
              ref,
              evidence: [ref],
              field: (name: string) => fields[name],
            }))
        : (byRule[input.from.index] ?? []).flatMap((one) =>
            one.rows.map((field) => ({
              tenant: one.tenant,
              time: one.time,
              ref: `${one.rule}/${one.key}/${one.time}`,
              evidence: one.events,
              field,
            })),
          )
    return sources.flatMap(({ field, ...source }): Item[] => {
      const values = input.group.map((name) => groupValue(field(name)))
      if (values.includes(undefined)) return []
      const measuredValues = input.value.map((name) => groupValue(field(name)))
      const value =
        measuredValues.length === 0 || measuredValues.includes(undefined)
          ? undefined
          : rule.type === 'value_count'
            ? joinedKey((measuredValues as GroupValue[]).map(valueKey))
            : numberOf(measuredValues[0])
      const seen = (name: string): unknown => {
        const grouped = rule.groupBy.indexOf(name)
        return grouped >= 0 ? values[grouped] : field(input.carry[rule.carry.indexOf(name)] ?? name)
      }
      return [{ ...source, key: joinedKey((values as GroupValue[]).map(valueKey)), slot, value, field: seen }]
    })
  })
}

/** Every time at which a rule's condition holds, by rule: as the specification says, with nothing suppressed. */
export function occurrencesOf(
  rules: readonly CorrelationRule[],
  matches: readonly PlainMatch[],
): (readonly PlainOccurrence[])[] {
  const byRule: (readonly PlainOccurrence[])[] = []
  for (const rule of rules) {
    const groups = Map.groupBy(itemsOf(rule, matches, byRule), ({ tenant, key }) => JSON.stringify([tenant, key]))
    const found: PlainOccurrence[] = []
    for (const items of groups.values())
      for (const time of distinct(items.map((item) => item.time)).sort((a, b) => a - b)) {
        const window = items.filter((item) => item.time >= time - rule.timespan && item.time <= time)
        if (!holds(rule, window)) continue
        const { tenant, key } = window[0] as Item
        const kept = evidence(rule, window)
        found.push({
          rule: rule.id,
          tenant,
          key,
          time,
          events: distinct(kept.flatMap((item) => item.evidence)),
          values: rule.groupBy.map((name) => groupValue((window[0] as Item).field(name)) as GroupValue),
          rows: kept.map(({ field }) => field),
        })
      }
    byRule.push(found)
  }
  return byRule
}

/** Of occurrences those that are reported: the first of a group, then the first whose window shares nothing with the last reported one. */
export function reportedOf(rule: CorrelationRule, occurrences: readonly PlainOccurrence[]): PlainOccurrence[] {
  const last = new Map<string, number>()
  return [...occurrences]
    .sort((a, b) => a.time - b.time)
    .filter(({ tenant, key, time }) => {
      const group = JSON.stringify([tenant, key])
      if (time <= (last.get(group) ?? Number.NEGATIVE_INFINITY) + rule.timespan) return false
      last.set(group, time)
      return true
    })
}

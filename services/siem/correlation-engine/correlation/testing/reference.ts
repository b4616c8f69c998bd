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

function holds(rule: CorrelationRule, window: readonly Item[], opened: readonly number[]): boolean {
  const { condition } = rule
  if (condition.kind === 'compare') {
    const value = measured(rule, window)
    return value !== undefined && passes(condition.comparisons, value)
  }
  return alternativesThatHold(rule, window, opened).length > 0
}

/** What must occur by the alternatives of a condition that hold. `opened`: slots that occurred when the window began, where one that is over is asked. */
function alternativesThatHold(
  { condition, type }: CorrelationRule,
  window: readonly Item[],
  opened: readonly number[],
): readonly (readonly number[])[] {
  const occurs = (slot: number): boolean => window.some((item) => item.slot === slot)
  const met = (needs: readonly number[]): boolean =>
    type === 'temporal_ordered' ? inOrder(window, needs) : needs.every(occurs)
  if (condition.kind === 'compare') return []
  if (condition.kind === 'clauses') return condition.clauses.filter(met)
  return condition.absences
    .filter(({ needs, lacks }) => met(needs) && !lacks.some(occurs) && needs.some((slot) => opened.includes(slot)))
    .map(({ needs }) => needs)
}

/** The items that speak for it: in order, for each rule those of the first time that comes after the rule before. */
function evidence(rule: CorrelationRule, window: readonly Item[], opened: readonly number[]): Item[] {
  const { condition, type } = rule
  if (condition.kind === 'compare')
    return window.filter(({ value }) => value !== undefined || !/^value_(?!count)/.test(type))
  const of = alternativesThatHold(rule, window, opened).flatMap((clause) => {
    if (type !== 'temporal_ordered') return window.filter(({ slot }) => clause.includes(slot))
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

/** Times at which a condition is asked: of each event; one that says 'not' where the windows end that its events open, up to `end`. */
function timesOf({ condition, timespan }: CorrelationRule, items: readonly Item[], end: number): number[] {
  if (condition.kind !== 'absences') return distinct(items.map(({ time }) => time)).sort((a, b) => a - b)
  const opening = new Set(condition.absences.flatMap(({ needs }) => needs))
  const ends = items.filter(({ slot }) => opening.has(slot)).map(({ time }) => time + timespan)
  return distinct(ends.filter((time) => time <= end)).sort((a, b) => a - b)
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

/** Every time at which a rule's condition holds, by rule: as the specification says, with nothing suppressed. Windows that go beyond `end` (a tenant's last match that some rule takes in) are never over. */
export function occurrencesOf(
  rules: readonly CorrelationRule[],
  matches: readonly PlainMatch[],
  end?: number,
): (readonly PlainOccurrence[])[] {
  const byRule: (readonly PlainOccurrence[])[] = []
  const ends = new Map<string, number>()
  const used = new Set(
    rules.flatMap(({ inputs }) => inputs.map(({ from }) => (from.kind === 'rule' ? from.index : -1))),
  )
  for (const { tenant, time } of matches.filter(({ rule }) => used.has(rule)))
    ends.set(tenant, Math.max(time, ends.get(tenant) ?? Number.NEGATIVE_INFINITY))
  for (const rule of rules) {
    const groups = Map.groupBy(itemsOf(rule, matches, byRule), ({ tenant, key }) => JSON.stringify([tenant, key]))
    const found: PlainOccurrence[] = []
    for (const items of groups.values())
      for (const time of timesOf(rule, items, end ?? ends.get((items[0] as Item).tenant) ?? Number.NEGATIVE_INFINITY)) {
        const window = items.filter((item) => item.time >= time - rule.timespan && item.time <= time)
        const opened = window.filter((item) => item.time === time - rule.timespan).map(({ slot }) => slot)
        if (!holds(rule, window, opened)) continue
        const { tenant, key } = window[0] as Item
        const kept = evidence(rule, window, opened)
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

import { createHash } from 'node:crypto'
import { earliestChain } from './chain.ts'
import { type Entry, firstAt } from './entry.ts'
import type { Group } from './group.ts'
import { absencesIn, type CorrelationRule, maskOf } from './rule.ts'
import type { GroupValue } from './values.ts'

/** A correlation's condition held for a group. */
export interface Detection {
  /** Of rule, tenant, group and time: a replay gives the same. 32 hexadecimal digits. */
  readonly id: string
  readonly rule: CorrelationRule
  readonly tenant: string
  /** group-by field → value, spelt as in the group's first event. */
  readonly group: Readonly<Record<string, GroupValue>>
  /** Event time of the first event of the evidence, and the time at which the condition holds: of the last event, or where the window ends that the first one opened. */
  readonly start: number
  readonly end: number
  /** What the condition measured at `end`. */
  readonly value: number
  /** Ids of the events, oldest first; the newest ones where there are more than the limit. */
  readonly events: readonly string[]
  /** Entries of the window that speak for it: events, or occurrences of correlations. */
  readonly count: number
}

/** Entries that make the condition of a group hold at `time`, oldest first. */
export function evidenceOf(group: Group, time: number): Entry[] {
  const { rule, entries } = group
  const low = firstAt(entries, time - rule.timespan)
  const high = firstAt(entries, time + 1, low)
  const window = entries.slice(low, high)
  const { type, condition } = rule
  if (type.startsWith('value_') && type !== 'value_count') return window.filter(({ value }) => value !== undefined)
  if (condition.kind === 'compare') return window
  const kept = new Set<Entry>()
  const present = window.reduce((bits, entry) => bits | entry.mask, 0)
  const opened = window.reduce((bits, entry) => (entry.time === time - rule.timespan ? bits | entry.mask : bits), 0)
  for (const { needs: clause, lacks } of absencesIn(condition)) {
    const mask = maskOf(clause)
    if ((present & maskOf(lacks)) !== 0 || (condition.kind === 'absences' && (opened & mask) === 0)) continue
    if (type === 'temporal_ordered') {
      const chain = earliestChain(entries, low, high, clause)
      for (const [position, at] of (chain ?? []).entries()) {
        const bit = 1 << (clause[position] as number)
        const { time: then } = entries[at] as Entry
        for (let other = at; entries[other]?.time === then && other < high; other++)
          if (((entries[other] as Entry).mask & bit) !== 0) kept.add(entries[other] as Entry)
      }
      continue
    }
    if ((present & mask) === mask) for (const entry of window) if ((entry.mask & mask) !== 0) kept.add(entry)
  }
  return window.filter((entry) => kept.has(entry))
}

/** Ids of the events behind entries, oldest first, the newest `most` of them. */
export function eventsOf(entries: readonly Entry[], most: number): string[] {
  const ids = new Set<string>()
  for (let at = entries.length - 1; at >= 0 && ids.size < most; at--) {
    const { ref, evidence } = entries[at] as Entry
    if (!evidence) ids.add(ref)
    else for (let last = evidence.length - 1; last >= 0 && ids.size < most; last--) ids.add(evidence[last] as string)
  }
  return [...ids].reverse()
}

export function detectionOf(tenant: string, group: Group, end: number, value: number, most: number): Detection {
  const { rule, key, values } = group
  const evidence = evidenceOf(group, end)
  const identity = JSON.stringify([rule.id, tenant, key, end])
  return {
    id: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    rule,
    tenant,
    group: Object.fromEntries(rule.groupBy.map((field, at) => [field, values[at] as GroupValue])),
    start: evidence[0]?.time ?? end,
    end,
    value,
    events: eventsOf(evidence, most),
    count: evidence.length,
  }
}

import { opensOf } from './rule.ts'
import type { Table } from './table.ts'

/** What is remembered of a tenant: its watermark, and its groups by correlation. */
export interface Tenant {
  readonly name: string
  /** The newest event time that the arrival clock has reached; -Infinity before the first. */
  newest: number
  /** The newest event time, of a clock that is ahead too. */
  latest: number
  /** Times before this are settled. */
  settled: number
  /** When its last match came, by the arrival clock; Infinity without a clock. */
  arrival: number
  /** Events in its windows. */
  entries: number
  /** By correlation. */
  readonly tables: (Table | undefined)[]
}

/** One from whom nothing has come. `arrival`: the arrival clock. */
export const newTenant = (name: string, arrival: number): Tenant => ({
  name,
  newest: Number.NEGATIVE_INFINITY,
  latest: Number.NEGATIVE_INFINITY,
  settled: Number.NEGATIVE_INFINITY,
  arrival,
  entries: 0,
  tables: [],
})

/** Of correlations that have a time before `until` to settle the one with the first, the earlier in the list where they tie; -1 for none. */
export function firstDue({ tables }: Tenant, correlations: readonly number[], until: number): number {
  let [first, end] = [-1, until]
  for (const correlation of correlations) {
    const due = tables[correlation]?.due ?? Number.POSITIVE_INFINITY
    if (due < end) [first, end] = [correlation, due]
  }
  return first
}

/** Drops the windows of a tenant that was silent for so long beyond the allowed lateness; such that are still to be asked stay. Whether there were any. */
export function dropIdle(tenant: Tenant, silence: number, idle: number): boolean {
  let dropped = false
  for (const [index, table] of tenant.tables.entries()) {
    if (!table || silence < Math.max(idle, table.rule.timespan)) continue
    if (opensOf(table.rule.condition) !== 0 && Number.isFinite(table.due)) continue
    tenant.entries -= table.entries
    tenant.tables[index] = undefined
    dropped = true
  }
  return dropped
}

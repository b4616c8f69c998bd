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

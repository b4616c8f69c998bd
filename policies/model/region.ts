import type { Duration } from './units.ts'

/** Where data may lie, as law sees it. `local` is the machine of a developer. */
export type Jurisdiction = 'local' | 'us' | 'eu' | 'apac'

/** One region of the platform. */
export interface RegionPolicy {
  readonly role: 'primary' | 'secondary' | 'dr'
  readonly jurisdiction: Jurisdiction
  /** A region of AWS. Default: none, a developer's machine. */
  readonly cloud?: {
    /** Which /16 of an environment's block is this region's, 0 to 15; no two regions share one. */
    readonly network: number
    /** The letters of the three zones that everything is spread over. */
    readonly zones: readonly [string, string, string]
  }
}

/** How data goes from one region to another. */
export interface RegionLink {
  readonly from: string
  readonly to: string
  /** What a packet takes there and back, at the 99th percentile. */
  readonly roundTrip: Duration
  /** `sync`: a write of the hot tier is acknowledged by both. `async`: the copy is behind. */
  readonly replication: 'sync' | 'async'
}

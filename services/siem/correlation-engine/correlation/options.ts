/** What bounds the state of a correlator. All are counts, and what goes over one is put out and counted. */
export interface CorrelatorLimits {
  /** Groups of one rule and tenant. The one that was used longest ago goes. */
  readonly groups: number
  /** Events in one group. The oldest goes. */
  readonly eventsPerGroup: number
  /** Events of one tenant in all rules and groups. Of the rule that keeps the most, the group that was used longest ago goes. */
  readonly eventsPerTenant: number
  /** Event ids that a detection names: the newest. */
  readonly evidence: number
  /** Events behind an occurrence that correlations of correlations see: the newest. */
  readonly chained: number
}

export interface CorrelatorOptions {
  readonly limits: CorrelatorLimits
  /** An event may be so much older than the newest of its tenant, ms. */
  readonly lateness: number
  /** The watermark moves in steps of so much, ms. */
  readonly step: number
  /** A tenant that is silent for so long (or for the timespan, if that is longer) loses its windows, ms of the arrival clock. */
  readonly idle: number
  /** Rules that more events cannot stop from holding fire at once. False: every rule waits for the watermark. */
  readonly eager: boolean
  /** Told when something is put out over a limit. */
  readonly evicted?: (what: 'group' | 'event', rule: string, tenant: string) => void
}

/** What happened since the correlator was made. */
export interface CorrelatorCounters {
  /** Matches that came after their time was settled. */
  late: number
  /** Matches without a value for a group-by field. */
  ungrouped: number
  /** Matches of an event that the group had already. */
  repeated: number
  /** Times at which a condition held, while a detection silenced them. */
  suppressed: number
  evictedGroups: number
  evictedEvents: number
  detections: number
}

export const noCounts = (): CorrelatorCounters => ({
  late: 0,
  ungrouped: 0,
  repeated: 0,
  suppressed: 0,
  evictedGroups: 0,
  evictedEvents: 0,
  detections: 0,
})

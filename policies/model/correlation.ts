import type { Bytes, Duration } from './units.ts'

/** How events become alerts: what the correlation engine remembers, and how it tells of what it found. */
export interface CorrelationPolicy {
  /** An event may be so much older than the newest of its tenant. */
  readonly lateness: Duration
  /** The watermark moves in steps of so much. */
  readonly step: Duration
  /** A tenant that is silent for so long, or for a rule's timespan if that is longer, loses its windows. */
  readonly idle: Duration
  /** What is kept at most; what goes over is put out and counted. */
  readonly limits: {
    /** Groups of one correlation and tenant. */
    readonly groups: number
    readonly eventsPerGroup: number
    /** Over all correlations and groups. */
    readonly eventsPerTenant: number
    /** Event ids that an alert names. */
    readonly evidence: number
    /** Events behind an occurrence that correlations of correlations see. */
    readonly chained: number
  }
  /** How often what changed is written to `correlation.state`: the most that is read again after a crash. */
  readonly snapshot: Duration
  /** Alerts of a partition that are remembered, so that an event that is sent again raises no second one. */
  readonly remembered: number
  /** The longest event that an alert carries; of a longer one it carries the id. */
  readonly evidence: Bytes
  /** A rule that takes longer than `slow` for one event, `strikes` times, is taken out until the rules are loaded again. */
  readonly cost: { readonly slow: Duration; readonly strikes: number }
  readonly webhooks: {
    /** How long a receiver may take to answer. */
    readonly timeout: Duration
    /** After this an alert that could not be delivered becomes a dead letter. */
    readonly giveUp: Duration
    /** Alerts that wait for one receiver; more become dead letters at once. */
    readonly queue: number
    /** Requests to one receiver at once. */
    readonly concurrency: number
  }
}

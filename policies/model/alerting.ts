import type { Bytes, Duration } from './units.ts'

/** How events become alerts, beside the windows of `objectives.correlation`: how often state is saved, what rules may cost, how alerts leave. */
export interface AlertingPolicy {
  /** How often what changed is written to `correlation.state`: what is read again after a crash. */
  readonly snapshot: Duration
  /** Alerts of a partition that are remembered, so that an event that is sent again raises no second one. */
  readonly remembered: number
  /** Alerts of a partition that may wait for the brokers; then nothing more is read. */
  readonly waiting: number
  /** The longest event that an alert carries; of a longer one it carries the id. */
  readonly maxEvent: Bytes
  /** A rule that takes longer than `slow` for one event, `strikes` times, is taken out until the rules are loaded again. */
  readonly cost: { readonly slow: Duration; readonly strikes: number }
  readonly webhooks: {
    /** How long a receiver may take to answer. */
    readonly timeout: Duration
    /** After this an alert that could not be delivered becomes a dead letter. */
    readonly giveUp: Duration
    /** Alerts that wait for one receiver; what comes then is a dead letter at once. */
    readonly queue: number
    /** Requests to one receiver at once. */
    readonly concurrency: number
  }
}

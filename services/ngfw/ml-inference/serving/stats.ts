import type { InferenceErrorCode } from '../errors.ts'

/** Why a request got no answer, as labels have it. */
export type Outcome = 'ok' | Lowercase<InferenceErrorCode>

/** What one model version has done since it was loaded. Times are sums over requests, microseconds: a batch's count for each of its requests. */
export class Stats {
  readonly outcomes = new Map<Outcome, number>()
  /** Rows that were executed. */
  inferences = 0
  executions = 0
  requestUs = 0
  queueUs = 0
  inputUs = 0
  inferUs = 0
  outputUs = 0
  /** How long the provider was at work, milliseconds. */
  busyMs = 0

  count(outcome: Outcome): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
  }
}

/** Told of each event as it happens, for what sums cannot say. */
export interface Watcher {
  /** A request was answered, so many seconds after it came. */
  answered(seconds: number): void
  /** An execution was of so many rows. */
  executed(rows: number): void
}

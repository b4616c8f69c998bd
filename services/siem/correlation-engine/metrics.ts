import type { Alert } from '../../common/alerts/alert.ts'
import { latencyBuckets, type Metrics } from '../../common/metrics/metrics.ts'

export interface EngineReadings {
  /** Records not yet looked at. */
  readonly lag: () => number
  /** Alerts not yet acknowledged. */
  readonly waiting: () => number
  /** Events in windows. */
  readonly remembered: () => number
  readonly slots: () => number
  readonly rules: () => number
  /** Rules that could not be loaded, and such that were taken out. */
  readonly problems: () => number
  readonly isolated: () => number
}

/** What the parts of the engine count; labels are of fixed sets. */
export interface EngineCounts {
  events(count: number): void
  matches(count: number): void
  unreadable(reason: string): void
  published(alert: Alert, waitedMs: number): void
  repeated(): void
  failed(reason: string): void
  isolated(): void
  late(count: number): void
  snapshot(bytes: number, seconds: number): void
  reloaded(result: 'done' | 'failed'): void
}

/** What the engine tells Prometheus. `objectiveSeconds`: how soon an alert is to follow its event. */
export function engineMetrics(metrics: Metrics, objectiveSeconds: number, readings: EngineReadings): EngineCounts {
  const buckets = latencyBuckets(objectiveSeconds)
  metrics.gauge('nd_consumer_lag_records', "Records of this shard's slots and their neighbours not yet looked at.", {
    read: readings.lag,
  })
  metrics.gauge('nd_queue_depth', 'Alerts not yet acknowledged.', { read: readings.waiting })
  metrics.gauge('nd_correlation_events', 'Events that windows of correlations hold.', { read: readings.remembered })
  metrics.gauge('nd_slots', 'Slots that this shard owns.', { read: readings.slots })
  metrics.gauge('nd_rules', 'Rules in force.', { read: readings.rules })
  metrics.gauge('nd_rule_problems', 'Documents that are no rule, or reference what is missing.', {
    read: readings.problems,
  })
  metrics.gauge('nd_rules_isolated', 'Rules that were taken out while they ran.', { read: readings.isolated })
  const events = metrics.counter('nd_events_correlated_total', 'Events that rules were asked about.')
  const matches = metrics.counter('nd_rule_matches_total', 'Matches of rules.')
  const alerts = metrics.counter<'level' | 'kind'>('nd_alerts_total', 'Alerts written.', ['level', 'kind'])
  const repeated = metrics.counter('nd_alerts_repeated_total', 'Alerts left out because they were written already.')
  const unreadable = metrics.counter<'reason'>('nd_records_unreadable_total', 'What could not be read.', ['reason'])
  const errors = metrics.counter<'reason'>('nd_errors_total', 'Attempts that failed, by reason.', ['reason'])
  const isolated = metrics.counter('nd_rule_errors_total', 'Rules taken out because they were slow or broken.')
  const late = metrics.counter('nd_events_late_total', 'Matches that came after their time was settled.')
  const reloads = metrics.counter<'result'>('nd_rule_reloads_total', 'Times that the rules were loaded.', ['result'])
  const age = metrics.histogram(
    'nd_alert_latency_seconds',
    "From the arrival of an alert's last event to the acknowledgement of the alert.",
    buckets,
  )
  const publish = metrics.histogram(
    'nd_alert_publish_seconds',
    'From an alert being made to its acknowledgement.',
    buckets,
  )
  const saved = metrics.histogram(
    'nd_snapshot_duration_seconds',
    'A round of snapshots of one partition.',
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  )
  const savedBytes = metrics.counter('nd_snapshot_bytes_total', 'Bytes of snapshots written.')
  return {
    events: (count) => events.inc(count),
    matches: (count) => matches.inc(count),
    unreadable: (reason) => unreadable.inc({ reason }),
    published({ level, kind, arrival }, waitedMs) {
      alerts.inc({ level, kind })
      age.observe(Math.max(0, Date.now() - arrival) / 1_000)
      publish.observe(Math.max(0, waitedMs) / 1_000)
    },
    repeated: () => repeated.inc(),
    failed: (reason) => errors.inc({ reason }),
    isolated: () => isolated.inc(),
    late: (count) => late.inc(count),
    snapshot(bytes, seconds) {
      savedBytes.inc(bytes)
      saved.observe(seconds)
    },
    reloaded: (result) => reloads.inc({ result }),
  }
}

/** Counts what became of alerts for webhooks. `depth`: how many wait. */
export function webhookCounter(metrics: Metrics, depth: () => number): (result: 'delivered' | 'undelivered') => void {
  metrics.gauge('nd_webhook_queue_depth', 'Alerts that wait for receivers of webhooks.', { read: depth })
  const results = metrics.counter<'result'>('nd_webhook_alerts_total', 'Alerts for webhooks, by how it ended.', [
    'result',
  ])
  return (result) => results.inc({ result })
}

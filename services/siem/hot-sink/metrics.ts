import { latencyBuckets, type Metrics } from '../../common/metrics/metrics.ts'

export interface SinkReadings {
  /** Records not yet stored. */
  readonly lag: () => Promise<number>
  readonly events: () => number
  readonly bytes: () => number
}

/** What a sink stores; events have the names without it. */
export type StoredThings = 'events' | 'alerts'

/** What times are measured around: how long a block waits at most, and how old events may become before they are stored. */
export interface SinkScales {
  readonly blockSeconds: number
  readonly ageSeconds: number
}

/** What the sink tells Prometheus. */
export function sinkMetrics(metrics: Metrics, of: StoredThings, scales: SinkScales, readings: SinkReadings) {
  const prefix = of === 'events' ? 'nd' : 'nd_alerts'
  metrics.gauge(
    `${prefix}_consumer_lag_records`,
    "Records of this member's partitions that are not committed as stored.",
    {
      read: readings.lag,
    },
  )
  metrics.gauge(`${prefix}_queue_depth`, 'Events read and not yet stored.', { read: readings.events })
  metrics.gauge(`${prefix}_queue_bytes`, 'Bytes of records read and not yet stored, packed.', { read: readings.bytes })
  return {
    stored: metrics.counter(`nd_${of}_stored_total`, 'Events stored.'),
    duplicates: metrics.counter(`nd_${of}_duplicate_total`, 'Events left out because they were stored already.'),
    moved: metrics.counter(
      `${prefix}_records_moved_total`,
      "Records written anew where their tenant's placement wants them by now.",
    ),
    blocks: metrics.counter<'result'>(`${prefix}_blocks_total`, 'Attempts to store a block, by result.', ['result']),
    deadLetters: metrics.counter<'reason'>(`${prefix}_records_unreadable_total`, 'Records sent to the dead letters.', [
      'reason',
    ]),
    errors: metrics.counter<'reason'>(`${prefix}_errors_total`, 'Attempts that failed, by reason.', ['reason']),
    duration: metrics.histogram(
      `${prefix}_block_duration_seconds`,
      'From a block being cut to its commit.',
      latencyBuckets(scales.blockSeconds),
    ),
    rows: metrics.histogram(
      `${prefix}_block_rows`,
      'Rows that a block stored.',
      [1, 10, 100, 500, 1_000, 5_000, 10_000, 20_000, 50_000],
    ),
    age: metrics.histogram(
      `${prefix}_event_age_seconds`,
      'From the arrival of events to their being stored; one observation a record.',
      latencyBuckets(scales.ageSeconds),
    ),
  }
}

export type SinkMetrics = ReturnType<typeof sinkMetrics>

import type { Metrics } from '../../common/metrics/metrics.ts'
import type { InFlight } from './in-flight.ts'
import type { RejectReason } from './lines.ts'

/** The collector's own metrics, beside those of every HTTP server. */
export function collectorMetrics(metrics: Metrics, inFlight: InFlight) {
  metrics.gauge('nd_queue_depth', 'Events taken in and not yet acknowledged by Kafka.', { read: () => inFlight.events })
  metrics.gauge('nd_queue_bytes', 'Bytes of request bodies taken in and not yet answered.', {
    read: () => inFlight.bytes,
  })
  return {
    accepted: metrics.counter('nd_events_accepted_total', 'Events acknowledged to their senders.'),
    rejected: metrics.counter<'reason'>('nd_events_rejected_total', 'Lines that were no events, by reason.', [
      'reason',
    ]),
    clock: metrics.counter<'problem'>(
      'nd_event_clock_problems_total',
      'Events whose own time is too far from their arrival; kept all the same.',
      ['problem'],
    ),
    errors: metrics.counter<'reason'>('nd_errors_total', 'Requests that were refused, by reason.', ['reason']),
  }
}

export type CollectorMetrics = ReturnType<typeof collectorMetrics>
export type { RejectReason }

import type { Metrics } from '../../common/metrics/metrics.ts'
import type { Refusal } from '../../common/sharding/fold.ts'
import type { ShardMap } from '../../common/sharding/map.ts'
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

/** What this collector knows of the shard map: whoever compares it with the manager's version sees one that is behind. */
export function mapMetrics(metrics: Metrics, map: () => ShardMap | undefined) {
  metrics.gauge('nd_shard_map_version', 'Version of the shard map that events are placed by; 0: none yet.', {
    read: () => map()?.version ?? 0,
  })
  const refused = metrics.counter('nd_shard_map_refused_total', 'Records of the map that count for nothing.', ['why'])
  return { refused: (why: Refusal) => refused.inc({ why }) }
}

export type CollectorMetrics = ReturnType<typeof collectorMetrics>
export type { RejectReason }

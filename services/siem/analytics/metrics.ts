import type { Level, LookupResult } from '../../common/cache/levels.ts'
import { latencyBuckets, type Metrics } from '../../common/metrics/metrics.ts'
import type { Gate } from './gate.ts'

/** The service's own metrics, beside those of every HTTP server. `scaleSeconds`: what latencies are measured around. */
export function analyticsMetrics(metrics: Metrics, gate: Pick<Gate, 'running' | 'waiting'>, scaleSeconds: number) {
  metrics.gauge('nd_queue_depth', 'Statements that run at the hot tier or wait for a place.', {
    read: () => gate.running + gate.waiting,
  })
  const cache = metrics.counter<'level' | 'result'>(
    'nd_cache_requests_total',
    'Lookups in the caches of answers, by level and result.',
    ['level', 'result'],
  )
  return {
    statements: metrics.histogram(
      'nd_query_duration_seconds',
      'Statements at the hot tier, until the answer is read or the statement has failed.',
      latencyBuckets(scaleSeconds),
    ),
    cacheRequest: (level: Level, result: LookupResult) => cache.inc({ level, result }),
    errors: metrics.counter<'reason'>('nd_errors_total', 'Questions that were refused, by reason.', ['reason']),
  }
}

export type AnalyticsMetrics = ReturnType<typeof analyticsMetrics>

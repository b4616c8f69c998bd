import type { Level, LookupResult } from '../../common/cache/levels.ts'
import { latencyBuckets, type Metrics } from '../../common/metrics/metrics.ts'
import type { Gate } from './gate.ts'

/** The service's own metrics, beside those of every HTTP server. `scaleSeconds`: what latencies are measured around. */
export function analyticsMetrics(
  metrics: Metrics,
  gate: Pick<Gate, 'running' | 'waiting' | 'tenants'>,
  scaleSeconds: number,
) {
  metrics.gauge('nd_queue_depth', 'Statements that run at the hot tier or wait for a place.', {
    read: () => gate.running + gate.waiting,
  })
  metrics.gauge('nd_queue_tenants', 'Tenants that have statements at the hot tier or wait for a place.', {
    read: () => gate.tenants,
  })
  const lookups = { L1: { hits: 0, all: 0 }, L2: { hits: 0, all: 0 } }
  metrics.gauge<'level'>(
    'nd_cache_hit_ratio',
    'Share of the lookups of a level that it answered since the scrape before, 0 to 1; absent while there was none.',
    {
      labels: ['level'],
      *readEach() {
        for (const [level, seen] of Object.entries(lookups)) {
          if (seen.all > 0) yield [{ level }, seen.hits / seen.all]
          seen.hits = 0
          seen.all = 0
        }
      },
    },
  )
  const cache = metrics.counter<'level' | 'result'>(
    'nd_cache_requests_total',
    'Lookups in the caches of answers, by level and result.',
    ['level', 'result'],
  )
  // Nobody looked yet is none, not unknown.
  for (const level of Object.keys(lookups))
    for (const result of ['hit', 'miss']) cache.inc({ level: level as Level, result }, 0)
  return {
    statements: metrics.histogram(
      'nd_query_duration_seconds',
      'Statements at the hot tier, until the answer is read or the statement has failed.',
      latencyBuckets(scaleSeconds),
    ),
    cacheRequest: (level: Level, result: LookupResult) => {
      cache.inc({ level, result })
      lookups[level].all++
      if (result === 'hit') lookups[level].hits++
    },
    /** A question was refused because it had been refused a moment ago. */
    refusedAgain: () => cache.inc({ level: 'L1', result: 'refused' }),
    errors: metrics.counter<'reason'>('nd_errors_total', 'Questions that were refused, by reason.', ['reason']),
  }
}

export type AnalyticsMetrics = ReturnType<typeof analyticsMetrics>

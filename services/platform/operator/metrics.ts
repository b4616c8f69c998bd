import type { Metrics } from '../../common/metrics/metrics.ts'
import type { Restart } from './api/informer.ts'
import type { KindName } from './api/object.ts'

/** How a run over one resource ended. */
export type RunOutcome = 'done' | 'failed'

/** What the operator counts. Labels are kinds, reasons and outcomes: never a name. What the canary controller tells is in canary/metrics.ts. */
export function operatorMetrics(
  metrics: Metrics,
  read: {
    readonly leader: () => boolean
    readonly depth: () => number
    readonly resources: () => number
    /** Seconds. */
    readonly overdue: () => number
  },
) {
  metrics.gauge('nd_operator_leader', '1 while this process leads, else 0.', { read: () => Number(read.leader()) })
  metrics.gauge('nd_operator_queue_depth', 'Resources that wait to be worked on.', { read: read.depth })
  metrics.gauge('nd_operator_resources', 'MLInference objects that are there.', { read: read.resources })
  metrics.gauge(
    'nd_operator_canary_overdue_seconds',
    'How long the candidate that is furthest past its deadline is, pauses included; 0: none is.',
    { read: read.overdue },
  )
  const duration = metrics.histogram(
    'nd_operator_reconcile_duration_seconds',
    'How long one run over a resource took.',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ['outcome'],
  )
  const errors = metrics.counter('nd_operator_reconcile_errors_total', 'Runs over a resource that failed, by reason.', [
    'reason',
  ])
  const restarts = metrics.counter('nd_operator_watch_restarts_total', 'Watches that began anew, by kind and reason.', [
    'kind',
    'why',
  ])
  return {
    ran: (seconds: number, outcome: RunOutcome) => duration.observe({ outcome }, seconds),
    failed: (reason: string) => errors.inc({ reason }),
    restarted: (kind: KindName, why: Restart) => restarts.inc({ kind, why }),
  }
}

export type OperatorMetrics = ReturnType<typeof operatorMetrics>

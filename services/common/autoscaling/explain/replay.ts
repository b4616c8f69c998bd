import { Autoscaler } from '../autoscaler.ts'
import type { Decision, MetricValue } from '../decision.ts'
import type { AutoscalerSpec, ControllerOptions } from '../spec.ts'
import { milli } from '../spec.ts'
import { type ExplainedMetric, type Explanation, explain } from './explain.ts'

/** What there was at one look of the autoscaler. */
export interface Look {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Pods that are asked for; those that exist, and of them those that are ready, where they are other numbers. */
  readonly replicas: number
  readonly existing?: number
  readonly ready?: number
  /** One for each metric, in the metric's unit. Undefined: no answer. */
  readonly values: readonly (number | undefined)[]
}

/** KEDA's `fallback` with `currentReplicasIfHigher`. */
export interface Fallback {
  readonly replicas: number
  /** Looks without an answer until it stands in. */
  readonly failures: number
}

export interface Replay {
  readonly service: string
  readonly spec: AutoscalerSpec
  readonly metrics: readonly ExplainedMetric[]
  readonly fallback?: Fallback
  readonly options?: ControllerOptions
}

/** What KEDA answers for a metric that has failed for long: what the present pods, or more, would have (pkg/fallback/fallback.go, 2.20). */
function standIn(spec: AutoscalerSpec['metrics'][number], look: Look, { replicas }: Fallback): MetricValue {
  const pods = Math.max(look.replicas, replicas)
  if (spec.type !== 'Value') return spec.target * pods
  const ready = look.ready ?? look.existing ?? look.replicas
  return ready === 0 ? { missing: 'no pod is ready to count by' } : Math.trunc((spec.target * pods) / ready)
}

/** The explanation of every look, by the autoscaler's own arithmetic over all of them: recent looks decide about the later ones. */
export function replay({ service, spec, metrics, fallback, options }: Replay, looks: readonly Look[]): Explanation[] {
  const scaler = new Autoscaler(spec, options)
  const failed = metrics.map(() => 0)
  const bounds = { min: spec.minReplicas, max: spec.maxReplicas }
  return looks.map((look) => {
    const standsIn = metrics.map((_, i) => {
      failed[i] = look.values[i] === undefined ? (failed[i] ?? 0) + 1 : 0
      return fallback !== undefined && (failed[i] ?? 0) > fallback.failures
    })
    const values = spec.metrics.map((metric, i): MetricValue => {
      const value = look.values[i]
      if (value !== undefined) return milli(value)
      return fallback && standsIn[i] ? standIn(metric, look, fallback) : { missing: 'Prometheus has no value' }
    })
    const existing = look.existing ?? look.replicas
    const decision: Decision = scaler.decide({
      at: look.at,
      replicas: look.replicas,
      existing,
      ready: look.ready ?? existing,
      values,
    })
    const explained = metrics.map((metric, i) => (standsIn[i] ? { ...metric, fallback: true } : metric))
    return explain({ service, decision, metrics: explained, bounds })
  })
}

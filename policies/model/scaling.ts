import type { MetricName } from './service.ts'
import type { Duration } from './units.ts'

/** One dimension: scale so that each replica sees at most `threshold` of the metric, measured over `window`. */
export interface ScalingMetric {
  readonly name: MetricName
  readonly threshold: number
  readonly window: Duration
}

/** The seed's scaling matrix, one row: the field names are the seed's. */
export interface ScalingPolicy {
  readonly metrics: readonly ScalingMetric[]
  readonly actions: {
    readonly min_replicas: number
    readonly max_replicas: number
    /** At most this multiple of the current replicas in one step up. */
    readonly scale_up_factor: number
    /** At least this share of the current replicas after one step down. */
    readonly scale_down_factor: number
  }
}

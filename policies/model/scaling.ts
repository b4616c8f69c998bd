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
    /** While a metric cannot be read there are at least so many; more, if there are more: what nobody sees is no reason to shrink. */
    readonly fallback_replicas: number
    /** Whether it has no pod at all while there is nothing to do. Default: no, `min_replicas` stay. */
    readonly scale_to_zero?: ScaleToZero
  }
  /** Default: no forecast is made of it. */
  readonly prediction?: PredictionPolicy
}

/** A service without a pod while its metrics, which others measure, are zero. */
export interface ScaleToZero {
  /** How long there must have been nothing to do. */
  readonly idle: Duration
  /** What whoever comes first waits at most: until its work is seen, a pod is started and answers. */
  readonly cold_start: Duration
}

/** What forecasts may do: nothing is made; they are recorded and shown; they scale, and never below what is observed. */
const predictionModes = ['off', 'preview', 'on'] as const

export interface PredictionPolicy {
  readonly mode: (typeof predictionModes)[number]
  /** Pods are made for this quantile of the forecast: the chance that the load stays below, between 0.5 and 1. */
  readonly quantile: number
}

/** A scaling row's key in the spelling of a service's name. */
export const serviceOf = (row: string): string => row.replaceAll('_', '-')

/** A service's name in the spelling of a scaling row's key. */
export const rowOf = (service: string): string => service.replaceAll('-', '_')

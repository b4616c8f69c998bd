import type { MetricValue, Observation } from '../decision.ts'
import type { Behavior, MetricSpec } from '../spec.ts'

/** A policy and what its controller sees each time that it looks: every 15 s, first at 15 s. tools/engine/go/hpa reads the same. */
export interface Case {
  readonly name: string
  readonly tolerance: number
  readonly downscaleStabilization: number
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly behavior: Behavior | null
  readonly metrics: readonly MetricSpec[]
  /** Ready from the beginning. */
  readonly replicas: number
  /** Seconds until a pod runs. */
  readonly startup: number
  readonly steps: readonly Step[]
  /** Absent: the values were made up. */
  readonly trace?: CaseTrace
}

export interface Step {
  readonly values: readonly (number | null | PodsValue)[]
  /** Pods that run and are not ready any more. */
  readonly unready?: number
  /** Somebody else scales to that many before the controller looks. */
  readonly set?: number
}

/** Of a Pods metric, in thousandths: the first pod's value; each further one has one more, and the last `silent` that run have none. */
export interface PodsValue {
  readonly value: number
  readonly silent: number
}

/** What the controller of Kubernetes did at one step. */
export interface RecordedDecision {
  /** Milliseconds. */
  readonly at: number
  readonly current: number
  readonly ready: number
  readonly running: number
  readonly desired: number
  /** The reasons of AbleToScale, ScalingActive and ScalingLimited; empty where there was none yet. */
  readonly able: string
  readonly active: string
  readonly limited: string
}

export interface RecordedCase extends Case {
  readonly decisions: readonly RecordedDecision[]
}

/** The trace of which a case's values were taken. */
export interface CaseTrace {
  /** The rate of each minute; null where nobody recorded it. */
  readonly perSecond: readonly (number | null)[]
  /** Of each metric, in seconds. */
  readonly windows: readonly number[]
  readonly mode: 'reactive' | 'oracle'
}

/** A step as the autoscaler sees it, beside what the controller did. */
export function observation({ values }: Step, { at, current, ready, running }: RecordedDecision): Observation {
  return {
    at,
    replicas: current,
    existing: current,
    ready,
    values: values.map((value): MetricValue => {
      if (value === null) return { missing: 'no value' }
      if (typeof value === 'number') return value
      const speaking = Math.max(0, running - value.silent)
      return {
        values: Array.from({ length: speaking }, (_, i) => value.value + i),
        silent: running - speaking,
        pending: current - running,
      }
    }),
  }
}

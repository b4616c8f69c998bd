/** What a HorizontalPodAutoscaler (autoscaling/v2) is told, as far as KEDA tells it: the names are those of its API. */
export interface AutoscalerSpec {
  /** 0 only where the cluster's HPA may scale to zero (HPAScaleToZero); KEDA's never does, it switches a service off itself. */
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly metrics: readonly MetricSpec[]
  /** Default: none. Then the HPA keeps its old rules: at most double or 4, 300 s of stabilisation downwards. */
  readonly behavior?: Behavior
}

/** What a metric shall be. `target` is in thousandths of the metric's unit, truncated, as KEDA writes it. */
export type MetricSpec =
  /** One amount of the whole service, of which each pod shall have `target`. */
  | { readonly name: string; readonly type: 'AverageValue'; readonly target: number }
  /** One level of the whole service, which pods that are ready bring to `target`. */
  | { readonly name: string; readonly type: 'Value'; readonly target: number }
  /** A value of each pod (a Pods metric), whose average shall be `target`. */
  | { readonly name: string; readonly type: 'Pods'; readonly target: number }

export interface Behavior {
  readonly scaleUp?: ScalingRules
  readonly scaleDown?: ScalingRules
}

export interface ScalingRules {
  /** Default: 0 upwards, 300 downwards. */
  readonly stabilizationWindowSeconds?: number
  /** Which policy counts: the one that allows most, or least, or none at all. Default: Max. */
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled'
  /** Default: 4 pods or 100 % per 15 s upwards, 100 % per 15 s downwards. */
  readonly policies?: readonly RatePolicy[]
}

/** At most so many pods, or so many per cent of those at the period's start, change within the period. */
export interface RatePolicy {
  readonly type: 'Pods' | 'Percent'
  readonly value: number
  readonly periodSeconds: number
}

/** What the cluster's controller is started with; the defaults are Kubernetes'. */
export interface ControllerOptions {
  /** How far from 1 a metric's ratio may be without consequence. Default: 0.1. */
  readonly tolerance?: number
  /** For an HPA that says nothing of it, in seconds. Default: 300. */
  readonly downscaleStabilization?: number
}

/** Seconds of stabilisation downwards where nobody says: Kubernetes' default. */
export const defaultStabilization = 300

/** Thousandths of a metric's unit, as KEDA and the HPA count: truncated. */
export const milli = (value: number): number => Math.trunc(value * 1_000)

export type CompleteRules = Required<ScalingRules>

export interface CompleteBehavior {
  readonly up: CompleteRules
  readonly down: CompleteRules
}

const up: CompleteRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
}

const down: Omit<CompleteRules, 'stabilizationWindowSeconds'> = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
}

/** A behaviour with what the API server fills in (pkg/apis/autoscaling/v2/defaults.go). */
export function completeBehavior(
  { scaleUp, scaleDown }: Behavior,
  stabilizationWindowSeconds: number,
): CompleteBehavior {
  return { up: { ...up, ...scaleUp }, down: { stabilizationWindowSeconds, ...down, ...scaleDown } }
}

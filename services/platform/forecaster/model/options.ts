import type { GateLimits } from './gate.ts'

export interface ForecasterOptions {
  /** Seconds from one observation to the next. */
  readonly stepSeconds: number
  /** How far ahead, from the end of the last step: what a new pod needs to start, and the delay of the loop. */
  readonly horizonSeconds: number
  /** The share of futures that the forecast shall cover at most: the higher, the less risk and the more pods. */
  readonly quantile: number
  /** What one pod shall carry, in the metric's unit: the policy's threshold. Without it a forecast is judged by its errors alone. */
  readonly target?: number
  /** By how much the autoscaler lets a pod's share exceed its target before it adds one. Default: Kubernetes's 0.1. */
  readonly tolerance?: number
  /** Fewest and most replicas. Default: 1 and 100. */
  readonly min?: number
  readonly max?: number
  /** For how long the autoscaler keeps to its highest wish before it takes pods away. Default: Kubernetes's 300. */
  readonly stabilisationSeconds?: number
  /** What the forecast must be worth. Default: the platform's. */
  readonly limits?: GateLimits & {
    /** The spread of errors, as a share of the load, above which covering them costs more pods than it is worth. */
    readonly spread: number
  }
}

/** Throws RangeError naming the option that makes no sense. */
export function checked(options: ForecasterOptions): ForecasterOptions {
  const { stepSeconds, horizonSeconds, quantile, target, min = 1, max = 100 } = options
  const above0 = (name: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} (${value}) should be above 0.`)
  }
  above0('stepSeconds', stepSeconds)
  above0('horizonSeconds', horizonSeconds)
  above0('min', min)
  if (target !== undefined) above0('target', target)
  if (!(max >= min)) throw new RangeError(`max (${max}) should be at least min (${min}).`)
  if (!(quantile > 0 && quantile < 1)) throw new RangeError(`quantile (${quantile}) should be between 0 and 1.`)
  return options
}

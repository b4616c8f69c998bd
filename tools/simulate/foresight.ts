import { loop } from '../../policies/autoscaling.ts'
import { defaultStabilization, type MetricSpec } from '../../services/common/autoscaling/spec.ts'
import { Forecaster } from '../../services/platform/forecaster/model/forecaster.ts'
import { loopDelaySeconds, stepSeconds } from '../../services/platform/forecaster/plan.ts'
import type { Load } from './load.ts'
import type { Plan } from './plan.ts'

export const modes = ['reactive', 'predictive', 'oracle'] as const
export type Mode = (typeof modes)[number]

/** One more metric, which knows or guesses what comes. */
export interface Foresight {
  readonly metric: MetricSpec
  /** Its value at a moment, when Prometheus's last sample is of the moment `seen`. */
  at(now: number, seen: number): number
}

/**
 * What is known of the future beside what is measured: nothing; the forecaster's guess; or the truth, as far as a pod that is asked for now can
 * still help. A forecast is of the first rate that the policy looks at, against the same threshold.
 */
export function foresight(
  mode: Mode,
  load: Load,
  { spec, quantile, limits }: Plan,
  startup: number,
): Foresight | undefined {
  const [measured] = spec.metrics
  if (!measured || mode === 'reactive') return undefined
  const horizon = startup + loopDelaySeconds
  const metric = { ...measured, name: `${measured.name} to come` }
  if (mode === 'oracle') return { metric, at: (now) => load.highest(now, now + horizon) ?? 0 }
  const forecaster = new Forecaster({
    stepSeconds,
    horizonSeconds: horizon,
    quantile,
    target: measured.target / 1_000,
    tolerance: loop.tolerance,
    min: spec.minReplicas,
    max: spec.maxReplicas,
    stabilisationSeconds: spec.behavior?.scaleDown?.stabilizationWindowSeconds ?? defaultStabilization,
    limits,
  })
  let observed = 0
  let value = 0
  return {
    metric,
    at(_, seen) {
      for (; (observed + 1) * stepSeconds <= seen; observed++) {
        const rate = load.perSecond[observed] as number
        forecaster.observe(Number.isNaN(rate) ? undefined : rate)
        const forecast = forecaster.forecast()
        value = forecast.active ? forecast.value : 0
      }
      return value
    },
  }
}

import { Autoscaler } from '../autoscaler.ts'
import { observation, type RecordedCase } from './case.ts'

/** Where our decisions differ from the controller's: one line for each, with what both saw. */
export function compare({
  name,
  steps,
  decisions,
  behavior,
  tolerance,
  downscaleStabilization,
  ...spec
}: RecordedCase): string[] {
  const autoscaler = new Autoscaler(
    { ...spec, ...(behavior ? { behavior } : {}) },
    { tolerance, downscaleStabilization },
  )
  return decisions.flatMap((theirs, i) => {
    const step = steps[i] ?? { values: [] }
    const { desired, conditions } = autoscaler.decide(observation(step, theirs))
    const { AbleToScale: able, ScalingActive: active = '', ScalingLimited: limited = '' } = conditions
    const ours = { desired, able, active, limited }
    const differs = Object.entries(ours).some(([key, value]) => theirs[key as keyof typeof ours] !== value)
    return differs
      ? [
          `${name}, ${theirs.at / 1_000} s: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)} of ${JSON.stringify(step)}`,
        ]
      : []
  })
}

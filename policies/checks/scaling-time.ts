import { serviceOf } from '../model/scaling.ts'
import { seconds } from '../model/units.ts'
import { scalingTimes, type WorstCase } from '../scaling-times.ts'
import { type Broken, type Check, unless } from './check.ts'

/** '112s: window 60s, scrape 5s, sync 15s, startup 30s' */
const spelt = ({ seconds: all, parts }: WorstCase): string =>
  `${Math.ceil(all)}s: ${parts.map((part) => `${part.name} ${Math.ceil(part.seconds)}s`).join(', ')}`

export const scalingTime: Check = {
  rule: 'scaling-time',
  purpose: 'a pod that is late does not help, and one that stays is paid for',
  find: (policies) => {
    const { upWithin, downWithin } = policies.objectives.scaling
    return Object.entries(policies.scaling).flatMap(([row, { metrics, actions }]): Broken[] => {
      const path = `scaling.${row}`
      const name = serviceOf(row)
      const service = policies.services[name]
      const times = metrics.some((metric) => service?.metrics[metric.name]) ? scalingTimes(policies, row) : undefined
      if (!service || !times || actions.scale_up_factor <= 1) return []
      const { up, down, cold } = times
      const zero = actions.scale_to_zero
      return [
        ...unless(
          up === undefined || up.seconds <= seconds(upWithin),
          path,
          up?.metric,
          `must bring the last pod within objectives.scaling.upWithin (${upWithin}), and may take ${up && spelt(up)}.`,
        ),
        ...unless(
          down.seconds <= seconds(downWithin),
          path,
          metrics.map((metric) => metric.window).join(', '),
          `must be back within objectives.scaling.downWithin (${downWithin}), and may take ${spelt(down)}.`,
        ),
        ...unless(
          !zero || !cold || cold.seconds <= seconds(zero.cold_start),
          `${path}.actions.scale_to_zero.cold_start`,
          zero?.cold_start,
          `must be at least what it may take, ${cold && spelt(cold)}.`,
        ),
        ...unless(
          seconds(service.grace) < seconds(downWithin),
          `services.${name}.grace`,
          service.grace,
          `must be less than objectives.scaling.downWithin (${downWithin}).`,
        ),
      ]
    })
  },
}

import { seconds } from '../model/units.ts'
import { type Broken, type Check, serviceOf, unless } from './check.ts'

export const scalingTime: Check = {
  rule: 'scaling-time',
  purpose: 'a pod that is late does not help, and one that stays is paid for',
  find: ({ scaling, services, objectives }) => {
    const { upWithin, downWithin } = objectives.scaling
    const { scrapeInterval } = objectives.monitoring
    return Object.entries(scaling).flatMap(([row, { metrics }]): Broken[] => {
      const name = serviceOf(row)
      const service = services[name]
      const [fastest] = metrics.map(({ window }) => window).sort((a, b) => seconds(a) - seconds(b))
      if (!service || !fastest) return []
      const left = seconds(upWithin) - seconds(fastest) - seconds(scrapeInterval)
      return [
        ...unless(
          seconds(service.startup) <= left,
          `services.${name}.startup`,
          service.startup,
          `must be at most ${Math.max(0, left)}s: with the fastest metric (${fastest}) and a scrape (${scrapeInterval}) a pod helps within objectives.scaling.upWithin (${upWithin}).`,
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

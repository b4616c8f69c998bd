import { loadOf } from '../capacity.ts'
import { serviceOf } from '../model/scaling.ts'
import { perSecond } from '../model/units.ts'
import { type Broken, type Check, unless } from './check.ts'

export const load: Check = {
  rule: 'load',
  purpose: 'a service that may not grow to its ordinary load refuses part of it every day',
  find: ({ scaling, objectives: { load: all } }) => [
    ...Object.entries(scaling).flatMap(([row, { metrics, actions }]): Broken[] => {
      const of = loadOf[serviceOf(row)]
      const qps = metrics.find(({ name }) => name === 'qps')
      if (!of || !qps) return []
      const needed = Math.ceil(perSecond(all[of]) / qps.threshold)
      return unless(
        actions.max_replicas >= needed,
        `scaling.${row}.actions.max_replicas`,
        actions.max_replicas,
        `must be at least ${needed}: objectives.load.${of} is ${all[of]}, at ${qps.threshold}/s a pod.`,
      )
    }),
    ...unless(
      perSecond(all.events) >= perSecond(all.requests),
      'objectives.load.events',
      all.events,
      `must be at least objectives.load.requests (${all.requests}): a request carries an event or more.`,
    ),
  ],
}

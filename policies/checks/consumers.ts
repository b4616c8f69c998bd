import { serviceOf } from '../model/scaling.ts'
import { type Broken, type Check, unless } from './check.ts'

export const consumers: Check = {
  rule: 'consumers-within-partitions',
  purpose: 'a consumer without a partition idles',
  find: ({ scaling, services, environments }) =>
    Object.entries(scaling)
      .filter(([row]) => services[serviceOf(row)]?.metrics.lag)
      .flatMap(([row, { actions }]) =>
        Object.entries(environments).flatMap(([environment, { kafka }]): Broken[] => {
          const idle = actions.max_replicas - kafka.partitions
          return unless(
            idle <= 0,
            `scaling.${row}.actions.max_replicas`,
            actions.max_replicas,
            `exceeds the ${kafka.partitions} partitions of 'events.raw' in ${environment}: ${idle} ${idle === 1 ? 'replica' : 'replicas'} would idle.`,
            environment,
          )
        }),
      ),
}

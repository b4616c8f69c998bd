import { milliseconds } from '../model/units.ts'
import { recoveries } from '../recovery.ts'
import { type Broken, type Check, unless } from './check.ts'

const minutes = (ms: number): string => `${ms / 60_000}m`

export const recovery: Check = {
  rule: 'recovery',
  purpose: 'what was acknowledged in a region that is lost must stand somewhere else, as fresh as was promised',
  find: (policies) => {
    const { dataClasses } = policies.objectives
    const known = Object.keys(dataClasses).join(', ')
    const classes = [
      ...Object.entries(policies.topics).map(([name, { dataClass }]) => [`topics.${name}`, dataClass] as const),
      ...Object.entries(policies.buckets).map(([name, { dataClass }]) => [`buckets.${name}`, dataClass] as const),
      ['storage.hot', policies.storage.hot.dataClass] as const,
    ].flatMap(([path, dataClass]) =>
      unless(Object.hasOwn(dataClasses, dataClass), `${path}.dataClass`, dataClass, `must be one of: ${known}.`),
    )
    const late = Object.keys(policies.cloud).flatMap((environment) =>
      recoveries(policies, environment).flatMap(({ dataClass, store, to, lag, until = 0 }): Broken[] => {
        const { rpo, rto } = dataClasses[dataClass] ?? { rpo: '0s', rto: '0s' }
        const path = `objectives.dataClasses.${dataClass}.rpo`
        if (lag === undefined)
          return unless(
            false,
            path,
            rpo,
            `must be given up, or '${store}' replicated to another region in ${environment}.`,
            environment,
          )
        return [
          ...unless(
            milliseconds(rpo) >= lag,
            path,
            rpo,
            `must be at least ${minutes(lag)}: so far may the copy of '${store}' in ${to} be behind.`,
            environment,
          ),
          ...unless(
            milliseconds(rto) >= until,
            `objectives.dataClasses.${dataClass}.rto`,
            rto,
            `must be at least ${minutes(until)}: so long may it take until the copy of '${store}' in ${to} serves.`,
            environment,
          ),
        ]
      }),
    )
    return [...classes, ...late]
  },
}

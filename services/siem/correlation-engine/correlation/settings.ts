import type { ObjectivesPolicy } from '../../../../policies/model/objectives.ts'
import { milliseconds } from '../../../../policies/model/units.ts'
import type { CorrelatorOptions } from './options.ts'

/** What the policy says, as options of a correlator that fires as early as it can. */
export function correlatorOptions(policy: ObjectivesPolicy['correlation']): CorrelatorOptions {
  const { lateness, step, idle, groups, eventsPerGroup, eventsPerTenant, evidence } = policy
  return {
    lateness: milliseconds(lateness),
    step: milliseconds(step),
    idle: milliseconds(idle),
    limits: { groups, eventsPerGroup, eventsPerTenant, evidence, chained: evidence },
    eager: true,
  }
}

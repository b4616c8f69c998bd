import { largestStep, poolOf, reaction } from '../capacity.ts'
import type { NodePoolPolicy } from '../model/cloud.ts'
import { serviceOf } from '../model/scaling.ts'
import { seconds } from '../model/units.ts'
import { replicaBounds } from '../replicas.ts'
import { type Broken, type Check, isCount, unless } from './check.ts'

export const headroom: Check = {
  rule: 'warm-headroom',
  purpose:
    'a machine that starts when it is needed comes later than the promise, so one step of scaling must find room',
  find: (policies) =>
    Object.entries(policies.cloud).flatMap(([environment, { kubernetes }]): Broken[] => {
      const policy = policies.environments[environment]
      if (!policy) return []
      const path = `cloud.${environment}.kubernetes.headroom`
      const unknown = Object.entries(kubernetes.headroom).flatMap(([service, { pods }]) => [
        ...unless(policy.sizes[service] !== undefined, `${path}.${service}`, service, 'must be a service with a size.'),
        ...unless(isCount(pods), `${path}.${service}.pods`, pods, 'must be a whole number from 1.', environment),
      ])
      const short = Object.entries(policies.scaling).flatMap(([row, { actions }]) => {
        const service = serviceOf(row)
        const size = policy.sizes[service]
        if (!size) return []
        const pool: NodePoolPolicy = kubernetes.pools[poolOf(size)]
        const { nodeStartup } = pool
        if (nodeStartup === undefined)
          return unless(
            false,
            `cloud.${environment}.kubernetes.pools.${poolOf(size)}.nodeStartup`,
            nodeStartup,
            `must be given: ${service} scales on its machines.`,
            environment,
          )
        const late = reaction(policies, service, seconds(nodeStartup)) > seconds(policies.objectives.scaling.upWithin)
        const step = largestStep(replicaBounds(policies, policy, service), actions.scale_up_factor)
        const warm = kubernetes.headroom[service]?.pods
        return unless(
          !late || (warm ?? 0) >= step,
          `${path}.${service}.pods`,
          warm,
          `must be at least ${step}, the largest step of scaling.${row}: a new machine of the pool '${poolOf(size)}' takes ${nodeStartup}, and with metric, scrape and pod that is beyond objectives.scaling.upWithin (${policies.objectives.scaling.upWithin}).`,
          environment,
        )
      })
      return [...unknown, ...short]
    }),
}

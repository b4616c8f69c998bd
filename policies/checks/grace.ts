import type { Policies } from '../bundle.ts'
import { type Duration, milliseconds } from '../model/units.ts'
import { type Check, unless } from './check.ts'

/** What a pod may have begun when it is told to stop; routers learn of that at the same time, so work still comes for a while. */
const begun = ({ objectives, storage }: Policies): Readonly<Record<string, readonly [Duration, string]>> => ({
  'event-collector': [objectives.ingest.ackTimeout, 'objectives.ingest.ackTimeout'],
  analytics: [objectives.query.timeout, 'objectives.query.timeout'],
  'hot-sink': [storage.block.maxDelay, 'storage.block.maxDelay'],
})

export const grace: Check = {
  rule: 'grace',
  purpose: 'a pod that is killed in the middle of what it accepted makes its callers repeat it',
  find: (policies) =>
    Object.entries(begun(policies)).flatMap(([service, [longest, what]]) => {
      const own = policies.services[service]?.grace
      return unless(
        own === undefined || milliseconds(own) >= 2 * milliseconds(longest),
        `services.${service}.grace`,
        own,
        `must be at least twice ${what} (${longest}).`,
      )
    }),
}

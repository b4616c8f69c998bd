import { milliseconds, perSecond } from '../model/units.ts'
import { type Broken, type Check, isCount, unless } from './check.ts'

export const promises: Check = {
  rule: 'promises',
  purpose: 'a promise that its own limits break cannot be kept',
  find: ({ objectives: { ingest }, environments }) => [
    ...unless(
      milliseconds(ingest.latencyP99) < milliseconds(ingest.ackTimeout),
      'objectives.ingest.latencyP99',
      ingest.latencyP99,
      `must be shorter than the time after which a request is given up (${ingest.ackTimeout}).`,
    ),
    ...Object.entries(environments).flatMap(([environment, { tenantQuota }]): Broken[] => {
      const path = `environments.${environment}.tenantQuota`
      const { burst, events } = tenantQuota
      const least = Math.max(perSecond(events), ingest.maxEventsPerRequest)
      return unless(
        isCount(burst) && burst >= least,
        `${path}.burst`,
        burst,
        `must be a whole number from ${least}: one second of ${events}, and one full request (${ingest.maxEventsPerRequest} events).`,
      )
    }),
  ],
}

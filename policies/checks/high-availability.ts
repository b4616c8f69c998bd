import { serviceOf } from '../model/scaling.ts'
import { type Broken, type Check, unless } from './check.ts'

export const highAvailability: Check = {
  rule: 'high-availability',
  bindable: true,
  purpose: 'one node, broker or pod may be lost without losing data or service',
  find: ({ environments, scaling }) =>
    Object.entries(environments).flatMap(([environment, { kafka, clickhouse }]): Broken[] => {
      const at = `environments.${environment}`
      return [
        ...unless(kafka.replicas >= 3, `${at}.kafka.replicas`, kafka.replicas, 'must be at least 3.', environment),
        ...unless(kafka.minInSync >= 2, `${at}.kafka.minInSync`, kafka.minInSync, 'must be at least 2.', environment),
        ...unless(
          clickhouse.replicas >= 2,
          `${at}.clickhouse.replicas`,
          clickhouse.replicas,
          'must be at least 2.',
          environment,
        ),
        ...Object.entries(scaling).flatMap(([row, { actions }]) =>
          unless(
            actions.max_replicas >= 2,
            `scaling.${row}.actions.max_replicas`,
            actions.max_replicas,
            `must be at least 2, or ${serviceOf(row)} cannot lose a pod.`,
            environment,
          ),
        ),
      ]
    }),
}

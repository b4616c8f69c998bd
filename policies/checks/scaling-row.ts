import type { Policies } from '../bundle.ts'
import type { ScalingMetric, ScalingPolicy } from '../model/scaling.ts'
import type { ServicePolicy } from '../model/service.ts'
import { seconds } from '../model/units.ts'
import { type Broken, type Check, isCount, rowOf, serviceOf, unless } from './check.ts'

export const scalingRow: Check = {
  rule: 'scaling-row',
  purpose: 'a row that measures nothing, or contradicts itself, leaves its service without scaling',
  find: (policies) =>
    Object.entries(policies.scaling).flatMap(([row, policy]): Broken[] => {
      const path = `scaling.${row}`
      const service = policies.services[serviceOf(row)]
      if (!service) {
        const rows = Object.keys(policies.services).map(rowOf).join(', ')
        return unless(false, path, row, `must be the name of a service with underscores: ${rows}.`)
      }
      return [
        ...unless(policy.metrics.length > 0, `${path}.metrics`, policy.metrics, 'must list at least one metric.'),
        ...policy.metrics.flatMap((metric, i) => dimension(`${path}.metrics.${i}`, row, metric, service, policies)),
        ...bounds(`${path}.actions`, policy.actions),
      ]
    }),
}

function dimension(
  path: string,
  row: string,
  { name, window }: ScalingMetric,
  service: ServicePolicy,
  { objectives }: Policies,
): Broken[] {
  const known = Object.keys(service.metrics).join(', ') || 'it has none'
  const least = 2 * seconds(objectives.monitoring.scrapeInterval)
  return [
    ...unless(
      service.metrics[name] !== undefined,
      `${path}.name`,
      name,
      `must be a metric of ${serviceOf(row)}: ${known}.`,
    ),
    ...unless(
      seconds(window) >= least,
      `${path}.window`,
      window,
      `must be at least ${least}s, two scrapes: a rate needs two samples.`,
    ),
  ]
}

function bounds(path: string, actions: ScalingPolicy['actions']): Broken[] {
  const { min_replicas: min, max_replicas: max, scale_up_factor: up, scale_down_factor: down } = actions
  return [
    ...unless(isCount(min), `${path}.min_replicas`, min, 'must be a whole number from 1.'),
    ...unless(
      Number.isInteger(max) && max >= min,
      `${path}.max_replicas`,
      max,
      `must be a whole number from min_replicas (${min}).`,
    ),
    ...unless(up > 1, `${path}.scale_up_factor`, up, 'must be greater than 1, or the service never grows.'),
    ...unless(
      down > 0 && down < 1,
      `${path}.scale_down_factor`,
      down,
      'must lie between 0 and 1, or the service never shrinks.',
    ),
  ]
}

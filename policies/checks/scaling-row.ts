import type { Policies } from '../bundle.ts'
import { rowOf, type ScalingMetric, type ScalingPolicy, serviceOf } from '../model/scaling.ts'
import type { ServicePolicy } from '../model/service.ts'
import { seconds } from '../model/units.ts'
import { type Broken, type Check, isCount, unless } from './check.ts'

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
        ...zero(`${path}.actions.scale_to_zero`, policy, service),
        ...prediction(`${path}.prediction`, policy),
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
  const { fallback_replicas: fallback } = actions
  const fine = (factor: number): boolean => Math.abs(factor * 100 - Math.round(factor * 100)) < 1e-9
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
    ...(['scale_up_factor', 'scale_down_factor'] as const).flatMap((key) =>
      unless(
        fine(actions[key]),
        `${path}.${key}`,
        actions[key],
        'must be a whole number of per cent: finer steps cannot be said to Kubernetes.',
      ),
    ),
    ...unless(
      max < min || (Number.isInteger(fallback) && fallback >= min && fallback <= max),
      `${path}.fallback_replicas`,
      fallback,
      `must be a whole number from min_replicas (${min}) to max_replicas (${max}).`,
    ),
  ]
}

function zero(path: string, { metrics, actions }: ScalingPolicy, service: ServicePolicy): Broken[] {
  if (!actions.scale_to_zero) return []
  const own = metrics.map(({ name }) => name).filter((name) => service.metrics[name]?.job === undefined)
  return unless(
    own.length === 0,
    path,
    actions.scale_to_zero,
    `must not be given while its own pods measure ${own.join(', ')}: without a pod nobody would see that one is needed.`,
  )
}

const prediction = (path: string, { prediction: of }: ScalingPolicy): Broken[] =>
  unless(
    of === undefined || (of.quantile > 0.5 && of.quantile < 1),
    `${path}.quantile`,
    of?.quantile,
    'must lie between 0.5 and 1: below the middle of what is expected, more often too little than enough.',
  )

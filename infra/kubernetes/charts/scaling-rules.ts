import { metricQuery } from '../../../policies/autoscaling.ts'
import type { ScalingPolicy } from '../../../policies/model/scaling.ts'
import type { MetricSource } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { bounds } from '../replicas.ts'

/** One recording rule of Prometheus. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}

/** Whether each pod has its share of the metric, so that twice the pods have half of it each. */
const shared = ({ kind }: MetricSource): boolean => kind !== 'average'

/**
 * The rules of one row of the scaling matrix: every metric, its ratio to what the present pods may have, and the replicas that follow.
 * One step goes up to at most ceil(pods × scale_up_factor) and down to at least floor(pods × scale_down_factor): rounded as the
 * HPA rounds its percent policies, or two pods could never become one. What nobody measures stays as it is.
 */
export function scalingRules(
  row: string,
  policy: ScalingPolicy,
  metrics: Readonly<Partial<Record<string, MetricSource>>>,
): RecordingRule[] {
  const service = row.replaceAll('_', '-')
  const of = (record: string): string => `${record}{service="${service}"}`
  const pods = of('nd:scaling_pods')
  const { min_replicas, max_replicas, scale_up_factor, scale_down_factor } = policy.actions
  const up = `ceil(${pods} * on (service) clamp_max(max by (service) (${of('nd:scaling_ratio')}), ${scale_up_factor}))`
  const down = `floor(${pods} * ${scale_down_factor})`
  return [
    { record: 'nd:scaling_pods', expr: `sum(up{job="${service}"})`, labels: { service } },
    ...policy.metrics.flatMap(({ name, threshold, window }): RecordingRule[] => {
      const source = metrics[name]
      if (!source) return []
      const labels = { service, metric: name }
      const value = `nd:scaling_metric{service="${service}",metric="${name}"}`
      const share = shared(source) ? `${value} / on (service) (${pods} > 0) / ${threshold}` : `${value} / ${threshold}`
      return [
        { record: 'nd:scaling_metric', expr: metricQuery(service, source, window), labels },
        { record: 'nd:scaling_ratio', expr: share, labels },
      ]
    }),
    {
      record: 'nd:scaling_desired_replicas',
      expr: `clamp((${up} > ${down}) or (${down} and ${up}) or ${pods}, ${min_replicas}, ${max_replicas})`,
      labels: { service },
    },
  ]
}

/** The rule file of the whole matrix, as Prometheus reads it: JSON is YAML. */
export function scalingRuleFile(scope: ChartScope): string {
  const { scaling, services } = scope.policies
  const groups = Object.entries(scaling).map(([row, policy]) => {
    const service = row.replaceAll('_', '-')
    const { min: min_replicas, max: max_replicas } = bounds(scope, service)
    const bounded = { ...policy, actions: { ...policy.actions, min_replicas, max_replicas } }
    return { name: `scaling_${row}`, rules: scalingRules(row, bounded, services[service]?.metrics ?? {}) }
  })
  return `${JSON.stringify({ groups }, null, 2)}\n`
}

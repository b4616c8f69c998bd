import { forecastOf, isForecast, loop, metricQuery } from '../../../policies/autoscaling.ts'
import { type ScalingPolicy, serviceOf } from '../../../policies/model/scaling.ts'
import type { MetricSource } from '../../../policies/model/service.ts'
import { stabilisationIn } from '../../../policies/scaling-times.ts'
import { labelled, least, most, scalingSeries } from '../../../policies/series.ts'
import type { ChartScope } from '../context.ts'
import { type RecordingRule, ruleFile } from '../monitoring/rules.ts'
import { nodeOf } from '../names.ts'
import { bounds } from '../replicas.ts'

/**
 * The rules of one row of the scaling matrix, by the HPA's own arithmetic: every metric, its ratio to what the present pods may have, the
 * pods that it proposes (none other while the ratio is within the tolerance), the highest of them, and the count that the HPA would set at
 * its next look. A metric that nobody measures never takes pods away. `stabilisation` is in seconds.
 */
export function scalingRules(
  row: string,
  policy: ScalingPolicy,
  metrics: Readonly<Partial<Record<string, MetricSource>>>,
  stabilisation: number,
): RecordingRule[] {
  const service = serviceOf(row)
  const pods = labelled(scalingSeries.pods, { service })
  const { min_replicas, max_replicas, scale_up_factor, scale_down_factor } = policy.actions
  const measured = policy.metrics.filter(({ name }) => metrics[name])
  const proposals = labelled(scalingSeries.proposal, { service })
  const highest = `max by (service) (${proposals})`
  const blind = `(count by (service) (${proposals}) < ${measured.length}) and ${highest} < ${pods}`
  const recommended = labelled(scalingSeries.recommendation, { service })
  const stable = `max_over_time(${recommended}[${stabilisation}s])`
  const wanted = most(recommended, least(pods, stable))
  const bounded = most(`floor(${pods} * ${scale_down_factor})`, least(wanted, `ceil(${pods} * ${scale_up_factor})`))
  return [
    { record: scalingSeries.pods, expr: `sum(${labelled('up', { job: service })})`, labels: { service } },
    ...measured.flatMap(({ name, threshold, window }): RecordingRule[] => {
      const source = metrics[name] as MetricSource
      const labels = { service, metric: name }
      const [value, ratio] = [labelled(scalingSeries.metric, labels), labelled(scalingSeries.ratio, labels)]
      // Each pod has its share of an amount, so that twice the pods have half of it each; of a level they do not.
      const level = source.kind === 'average'
      const share = level ? `${value} / ${threshold}` : `${value} / on (service) (${pods} > 0) / ${threshold}`
      const needs = level ? `ceil(${ratio} * on (service) ${pods})` : `ceil(${value} / ${threshold})`
      const near = `abs(${ratio} - 1) <= ${loop.tolerance}`
      return [
        { record: scalingSeries.metric, expr: metricQuery(service, source, window), labels },
        { record: scalingSeries.ratio, expr: share, labels },
        { record: scalingSeries.proposal, expr: `(${pods} and on (service) ${near}) or on (service) ${needs}`, labels },
      ]
    }),
    ...forecasts(service, policy, metrics),
    {
      record: scalingSeries.recommendation,
      expr: `(${highest} unless on (service) (${blind})) or ${pods}`,
      labels: { service },
    },
    {
      record: scalingSeries.desired,
      expr: `clamp(${bounded}, ${min_replicas}, ${max_replicas})`,
      labels: { service },
    },
  ]
}

/** What forecasts propose: one more proposal where they scale, a series to look at where they are only shown. */
function forecasts(
  service: string,
  { metrics, prediction }: ScalingPolicy,
  sources: Readonly<Partial<Record<string, MetricSource>>>,
): RecordingRule[] {
  if (!prediction || prediction.mode === 'off') return []
  const { mode } = prediction
  const record = mode === 'on' ? scalingSeries.proposal : scalingSeries.forecastProposal
  return metrics.flatMap(({ name, threshold }) => {
    const source = sources[name]
    if (!source || !isForecast(source)) return []
    const expr = `ceil(${forecastOf(service, name, source, { mode })} / ${threshold})`
    return [{ record, expr, labels: { service, metric: name, by: 'forecast' } }]
  })
}

/** The rule file of the whole matrix, as Prometheus reads it: JSON is YAML. */
export function scalingRuleFile(scope: ChartScope): string {
  const groups = Object.entries(scope.policies.scaling).map(([row, policy]) => {
    const service = serviceOf(row)
    const of = nodeOf(scope, service)
    const own = bounds(scope, service)
    const bounded = { ...policy, actions: { ...policy.actions, min_replicas: own.min, max_replicas: own.max } }
    const stabilisation = stabilisationIn(scope.policies, policy, of, own)
    return { name: `scaling_${row}`, rules: scalingRules(row, bounded, of.metrics, stabilisation) }
  })
  return ruleFile(groups)
}

import { loop, scaledObjectSpec, triggers } from '../../policies/autoscaling.ts'
import type { Policies } from '../../policies/bundle.ts'
import type { PredictionLimits } from '../../policies/model/objectives.ts'
import { serviceOf } from '../../policies/model/scaling.ts'
import type { MetricName } from '../../policies/model/service.ts'
import { seconds } from '../../policies/model/units.ts'
import { stabilisationIn } from '../../policies/scaling-times.ts'
import { type AutoscalerSpec, type MetricSpec, milli } from '../../services/common/autoscaling/spec.ts'
import { SimulateError } from './error.ts'

/** A row of the scaling matrix as it would run: compiled by the same code as for the cluster, then read as the HPA reads it. */
export interface Plan {
  readonly policy: string
  /** With the metrics that a trace of requests tells. */
  readonly spec: AutoscalerSpec
  /** The windows of those metrics, in seconds, in the same order. */
  readonly windows: readonly number[]
  /** Metrics of the row that a trace of requests says nothing about. */
  readonly unknown: readonly MetricName[]
  /** What a pod takes to start by its policy, in seconds. */
  readonly startup: number
  /** How old Prometheus's last sample may be, in seconds. */
  readonly scrape: number
  /** The share of futures that a forecast shall cover. */
  readonly quantile: number
  /** What a forecast may cost and must be worth. */
  readonly limits: PredictionLimits
  /** Whether the cluster asks the forecaster too. */
  readonly predicts: boolean
}

/** Compiles a row. Throws SimulateError where there is none, or none of its metrics follows from requests. */
export function planOf({ scaling, services, objectives }: Policies, policy: string): Plan {
  const row = scaling[policy]
  const service = services[serviceOf(policy)]
  if (!row || !service)
    throw new SimulateError(
      'NO_POLICY',
      `There is no policy '${policy}': give one of ${Object.keys(scaling).join(', ')}.`,
    )
  const known = row.metrics.filter(({ name }) => service.metrics[name]?.kind === 'rate')
  if (known.length === 0)
    throw new SimulateError(
      'NOT_SIMULATED',
      `No metric of '${policy}' follows from a trace of requests (${row.metrics.map(({ name }) => name).join(', ')}): only rates do.`,
    )
  const object = scaledObjectSpec({
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: policy },
    triggers: triggers(policy, known, service.metrics, { forecast: () => false }),
    min: row.actions.min_replicas,
    max: row.actions.max_replicas,
    actions: row.actions,
    stabilisation: stabilisationIn({ objectives }, row, service),
    prometheus: 'https://prometheus',
  })
  const { behavior } = object.advanced.horizontalPodAutoscalerConfig
  return {
    policy,
    spec: {
      minReplicas: object.minReplicaCount,
      maxReplicas: object.maxReplicaCount,
      behavior: behavior as NonNullable<AutoscalerSpec['behavior']>,
      metrics: object.triggers.map(
        ({ metricType, metadata }, i): MetricSpec => ({
          name: known[i]?.name ?? '',
          type: metricType as 'AverageValue' | 'Value',
          target: milli(Number(metadata.threshold)),
        }),
      ),
    },
    windows: known.map(({ window }) => seconds(window)),
    unknown: row.metrics.map(({ name }) => name).filter((name) => !known.some((metric) => metric.name === name)),
    startup: seconds(service.startup),
    scrape: seconds(objectives.monitoring.scrapeInterval),
    quantile: row.prediction?.quantile ?? 0.9,
    limits: objectives.scaling.prediction,
    predicts: row.prediction?.mode === 'on',
  }
}

/** What a pod may be asked for by an autoscaler that lets its share exceed the target by the tolerance, in requests per second. */
export const defaultCapacity = ({ spec }: Plan): number =>
  ((spec.metrics[0]?.target ?? 0) / 1_000) * (1 + loop.tolerance)

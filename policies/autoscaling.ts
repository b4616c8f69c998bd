import type { ScalingMetric, ScalingPolicy } from './model/scaling.ts'
import type { MetricSource } from './model/service.ts'
import { type Duration, seconds } from './model/units.ts'

/** PromQL for a metric of a service, measured over the policy's window; every pod's series carries the service as its job. */
export function metricQuery(
  service: string,
  source: MetricSource,
  window: Duration,
  only: Readonly<Record<string, string>> = {},
): string {
  const labels = Object.entries({ job: service, ...only }).map(([name, value]) => `${name}="${value}"`)
  const series = `${source.series}{${labels.join(',')}}`
  switch (source.kind) {
    case 'rate':
      return `sum(rate(${series}[${window}]))`
    case 'average':
      return `avg(avg_over_time(${series}[${window}]))`
    case 'sum':
      return `sum(avg_over_time(${series}[${window}]))`
    default:
      return source satisfies never
  }
}

/** A trigger of KEDA, typed: once imported, KEDA's own are plain strings. */
export type Trigger =
  /** An amount of the whole service: each pod shall have at most `threshold` of it. */
  | { readonly kind: 'share'; readonly query: string; readonly threshold: number }
  /** A level that all pods have alike: pods are added until it is at most `threshold`. */
  | { readonly kind: 'level'; readonly query: string; readonly threshold: number }

/** The trigger of one dimension of the scaling matrix. */
export function trigger(
  service: string,
  source: MetricSource,
  metric: ScalingMetric,
  only?: Readonly<Record<string, string>>,
): Trigger {
  const query = metricQuery(service, source, metric.window, only)
  switch (source.kind) {
    case 'rate':
    case 'sum':
      return { kind: 'share', query, threshold: metric.threshold }
    case 'average':
      return { kind: 'level', query, threshold: metric.threshold }
    default:
      return source satisfies never
  }
}

const metricTypes = { share: 'AverageValue', level: 'Value' } as const satisfies Record<Trigger['kind'], string>

const percent = (share: number): number => Math.round(share * 100)

/** What is scaled: a Deployment, or any kind with a scale subresource. */
export interface ScaleTarget {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** The object by whose name KEDA knows how to ask Prometheus: a user, a password and whom to trust. */
export const prometheusAuthentication = { kind: 'ClusterTriggerAuthentication', name: 'prometheus' } as const

export interface ScaledObjectOptions {
  readonly target: ScaleTarget
  readonly triggers: readonly Trigger[]
  readonly min: number
  readonly max: number
  readonly actions: Pick<ScalingPolicy['actions'], 'scale_up_factor' | 'scale_down_factor'>
  /** The longest window of the metrics. */
  readonly period: number
  /** Where Prometheus answers: 'https://host:port'. */
  readonly prometheus: string
}

/**
 * The specification of a KEDA ScaledObject. One step changes at most the share that the policy's factors allow, once per the longest window
 * that it looks at.
 */
export function scaledObjectSpec({ target, triggers, min, max, actions, period, prometheus }: ScaledObjectOptions) {
  const { scale_up_factor, scale_down_factor } = actions
  return {
    scaleTargetRef: target,
    minReplicaCount: min,
    maxReplicaCount: max,
    advanced: {
      horizontalPodAutoscalerConfig: {
        behavior: {
          scaleUp: { policies: [{ type: 'Percent', value: percent(scale_up_factor - 1), periodSeconds: period }] },
          scaleDown: { policies: [{ type: 'Percent', value: percent(1 - scale_down_factor), periodSeconds: period }] },
        },
      },
    },
    triggers: triggers.map(({ kind, query, threshold }) => ({
      type: 'prometheus',
      metricType: metricTypes[kind],
      metadata: { serverAddress: prometheus, query, threshold: `${threshold}`, authModes: 'basic,tls' },
      authenticationRef: prometheusAuthentication,
    })),
  }
}

/** The longest window of a policy's metrics, in seconds. */
export const longestWindow = (metrics: readonly Pick<ScalingMetric, 'window'>[]): number =>
  Math.max(...metrics.map(({ window }) => seconds(window)))

import type { ScaleToZero, ScalingMetric, ScalingPolicy } from './model/scaling.ts'
import type { MetricSource } from './model/service.ts'
import { type Duration, seconds } from './model/units.ts'
import { labelled, most } from './series.ts'

/** The loop that Kubernetes and KEDA run, in their own numbers: a managed control plane lets nobody change them. */
export const loop = {
  /** Between two looks of the HPA, and so the period of one step. `--horizontal-pod-autoscaler-sync-period`. */
  syncSeconds: 15,
  /** A ratio so near to 1 changes nothing. `--horizontal-pod-autoscaler-tolerance`. */
  tolerance: 0.1,
  /** Between two looks of KEDA itself, which decide about none or some. While there are pods the HPA's looks count, which KEDA passes on. */
  pollingSeconds: 15,
  /** A trigger has failed after so many looks without an answer. */
  failures: 3,
} as const

const percent = (share: number): number => Math.round(share * 100)

/** The most pods after one step up: rounded up, as the HPA rounds its percent policies, or one pod would stay one for ever. */
export const stepUp = (pods: number, factor: number): number => Math.ceil(pods * (1 + percent(factor - 1) / 100))

/** The fewest pods after one step down: rounded down, or two pods would stay two for ever. */
export const stepDown = (pods: number, factor: number): number => Math.floor(pods * (1 - percent(1 - factor) / 100))

/** A process that began is asked by Prometheus for the first time within so many seconds: its name has to be found, and then its turn has to come. */
const foundSeconds = 30

/**
 * PromQL of a counter's increase a second, by all labels. Prometheus' `rate` does not know what a process had counted when it was asked for the first time. Of a
 * pod that takes its share of a load at once that is missed for a window, just when more pods may be needed: of a window of 60 s a quarter. What a young process
 * has counted, it has counted since it began.
 */
function rateOf(series: string, job: string, window: Duration): string {
  const within = seconds(window)
  const age = `clamp_min(time() - ${labelled('process_start_time_seconds', { job })}, ${within})`
  const young = `${series} / on (job, instance) group_left () (${age} < ${within + foundSeconds})`
  const rate = `rate(${series}[${window}])`
  return `${most(young, rate)} or ${young}`
}

/**
 * PromQL for a metric of a service, measured over the policy's window; every series carries the service that measures it as its job. `only`: of those with
 * these labels. `by`: a figure for each value of that label.
 */
export function metricQuery(
  service: string,
  source: MetricSource,
  window: Duration,
  only: Readonly<Record<string, string>> = {},
  by?: MetricSource['by'],
): string {
  const job = source.job ?? service
  const series = labelled(source.series, { job, ...only })
  const each = by === undefined ? '' : ` by (${by}) `
  switch (source.kind) {
    case 'rate':
      return `sum${each}(${rateOf(series, job, window)})`
    case 'average':
      return `avg${each}(avg_over_time(${series}[${window}]))`
    case 'sum':
      return `sum${each}(avg_over_time(${series}[${window}]))`
    default:
      return source.kind satisfies never
  }
}

/** A trigger of KEDA, typed: once imported, KEDA's own are plain strings. */
export type Trigger =
  /** An amount of the whole service: each pod shall have at most `threshold` of it. */
  | { readonly kind: 'share'; readonly query: string; readonly threshold: number }
  /** A level that all pods have alike: pods are added until it is at most `threshold`. */
  | { readonly kind: 'level'; readonly query: string; readonly threshold: number }

/** The trigger of one dimension of the scaling matrix. */
function trigger(
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
      return source.kind satisfies never
  }
}

const metricTypes = { share: 'AverageValue', level: 'Value' } as const satisfies Record<Trigger['kind'], string>

/** What is scaled: a Deployment, or any kind with a scale subresource. */
export interface ScaleTarget {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** The object by whose name KEDA knows how to ask Prometheus: a user, a password and whom to trust. */
export const prometheusAuthentication = { kind: 'ClusterTriggerAuthentication', name: 'prometheus' } as const

/**
 * The forecaster's series of a metric, in the metric's unit: what there shall be pods for when one that is asked for now answers. Absent while
 * the forecaster does not trust itself. Labels: service, metric, the mode of the row ('on' or 'preview'), and the one that tells resources of a service apart
 * (`MetricSource.by`).
 */
export const forecastSeries = 'nd_forecast_value'

/**
 * The trigger of a forecast: one more of the same metric, and the highest wins, so it never scales in below what is observed. Read from
 * Prometheus: a forecaster that is dead, or that has shut its gate, says 0 there and changes nothing, while a trigger that fails would hold
 * the pods by its fallback. Whether forecasts scale is said by there being this trigger, whatever the row's mode: a resource of a row whose
 * forecasts are a preview may say of itself that they are on.
 */
const forecastTrigger = (
  service: string,
  { name, threshold }: ScalingMetric,
  source: MetricSource,
  only?: Readonly<Record<string, string>>,
): Trigger => ({ kind: 'share', query: forecastQuery(service, name, source, only), threshold })

/** PromQL of what is forecast of a metric, over all that its label tells apart; nothing while there is no forecast. */
export function forecastOf(
  service: string,
  metric: string,
  { by }: MetricSource,
  only: Readonly<Record<string, string>> = {},
): string {
  const series = labelled(forecastSeries, { service, metric, ...only })
  return by === undefined ? `max(${series})` : `sum(max by (${by}) (${series}))`
}

/** PromQL of the trigger of a forecast. */
export const forecastQuery = (...of: Parameters<typeof forecastOf>): string => `${forecastOf(...of)} or vector(0)`

/** Whether a metric is forecast: counts of work that comes. A queue is what was not foreseen, and a level follows the pods. */
export const isForecast = (source: MetricSource): boolean => source.kind === 'rate'

/** The triggers of a row: of each metric that is measured, and of the forecasts of those that `forecast` names. */
export function triggers(
  service: string,
  metrics: readonly ScalingMetric[],
  sources: Readonly<Partial<Record<string, MetricSource>>>,
  options: {
    readonly forecast: (metric: ScalingMetric) => boolean
    readonly only?: (source: MetricSource) => Readonly<Record<string, string>>
  },
): readonly Trigger[] {
  const measured = metrics.flatMap((metric) => {
    const source = sources[metric.name]
    return source ? [{ metric, source }] : []
  })
  return [
    ...measured.map(({ metric, source }) => trigger(service, source, metric, options.only?.(source))),
    ...measured
      .filter(({ metric, source }) => isForecast(source) && options.forecast(metric))
      .map(({ metric, source }) => forecastTrigger(service, metric, source, options.only?.(source))),
  ]
}

export interface ScaledObjectOptions {
  readonly target: ScaleTarget
  readonly triggers: readonly Trigger[]
  readonly min: number
  readonly max: number
  readonly actions: Pick<ScalingPolicy['actions'], 'scale_up_factor' | 'scale_down_factor' | 'fallback_replicas'>
  /** Whether there may be no pod at all. */
  readonly zero?: ScaleToZero | undefined
  /** For how long the highest proposal counts before pods are taken away, in seconds: `stabilisationOf`. */
  readonly stabilisation: number
  /** Where Prometheus answers: 'https://host:port'. */
  readonly prometheus: string
}

/** How the HPA steps: one step at each look by at most the factors; up at once, down once no proposal of the stabilisation is higher. */
export function behavior(
  { scale_up_factor, scale_down_factor }: Pick<ScalingPolicy['actions'], 'scale_up_factor' | 'scale_down_factor'>,
  stabilisation: number,
) {
  const step = (share: number) => ({
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: percent(share), periodSeconds: loop.syncSeconds }],
  })
  return {
    scaleUp: { stabilizationWindowSeconds: 0, ...step(scale_up_factor - 1) },
    scaleDown: { stabilizationWindowSeconds: stabilisation, ...step(1 - scale_down_factor) },
  }
}

/** The specification of a KEDA ScaledObject. */
export function scaledObjectSpec(options: ScaledObjectOptions) {
  const { target, min, max, actions, zero, stabilisation, prometheus } = options
  return {
    scaleTargetRef: target,
    pollingInterval: loop.pollingSeconds,
    // KEDA counts 0 or some; from `min` on the HPA counts.
    ...(zero ? { idleReplicaCount: 0, cooldownPeriod: seconds(zero.idle) } : {}),
    minReplicaCount: min,
    maxReplicaCount: max,
    advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(actions, stabilisation) } },
    // Each trigger that fails asks for so many, and the highest wins: a blind one never takes pods away, and never hides one that sees.
    fallback: {
      failureThreshold: loop.failures,
      replicas: Math.min(max, Math.max(min, actions.fallback_replicas)),
      behavior: 'currentReplicasIfHigher',
    },
    triggers: options.triggers.map(({ kind, query, threshold }) => ({
      type: 'prometheus',
      metricType: metricTypes[kind],
      metadata: {
        serverAddress: prometheus,
        query,
        threshold: `${threshold}`,
        // An empty answer is a metric that is missing, not one that is zero.
        ignoreNullValues: 'false',
        authModes: 'basic,tls',
      },
      authenticationRef: prometheusAuthentication,
    })),
  }
}

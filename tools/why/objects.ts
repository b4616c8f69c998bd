import { loop } from '../../policies/autoscaling.ts'
import type { ExplainedMetric, Explanation } from '../../services/common/autoscaling/explain/explain.ts'
import type { Look } from '../../services/common/autoscaling/explain/replay.ts'
import { type Behavior, type MetricSpec, milli } from '../../services/common/autoscaling/spec.ts'
import { spanOf, type Watched } from '../../services/platform/forecaster/why/watched.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** What is read of a ScaledObject of KEDA. */
export interface ScaledObject {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly triggers: readonly { readonly metadata: { readonly query?: string } }[]
    readonly fallback?: { readonly failureThreshold: number; readonly replicas: number }
  }
  readonly status?: {
    readonly hpaName?: string
    readonly health?: Readonly<Record<string, { readonly numberOfFailures?: number; readonly status?: string }>>
    readonly conditions?: readonly Condition[]
  }
}

/** What is read of a HorizontalPodAutoscaler, autoscaling/v2. */
export interface Hpa {
  readonly spec: {
    readonly minReplicas?: number
    readonly maxReplicas: number
    readonly behavior?: Behavior
    readonly metrics?: readonly {
      readonly external?: {
        readonly metric: { readonly name: string }
        readonly target: { readonly averageValue?: string; readonly value?: string }
      }
    }[]
  }
  readonly status?: {
    readonly currentReplicas?: number
    readonly desiredReplicas?: number
    readonly lastScaleTime?: string
    readonly conditions?: readonly Condition[]
  }
}

const suffixes: Readonly<Record<string, number>> = { m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9 }

/** '800m' is 0.8, '1k' is 1,000: a quantity of Kubernetes as metrics are written. */
export function quantity(text: string): number {
  const [, digits = '', suffix = ''] = /^(\d+(?:\.\d+)?)([mkMG]?)$/.exec(text) ?? []
  if (digits === '') throw new RangeError(`'${text}' is no quantity of a metric.`)
  return Number(digits) * (suffixes[suffix] ?? 1)
}

/** The trigger that KEDA means by the name of an external metric: 's1-prometheus' is the second. */
const triggerOf = (name: string): number => Number(/^s(\d+)-/.exec(name)?.[1] ?? Number.NaN)

/** The row as it runs: the queries, targets, bounds and behaviour of the objects in the cluster, whoever edited them. */
export function asItRuns(of: Watched, { spec: object }: ScaledObject, { spec: hpa }: Hpa): Watched {
  const found = (hpa.metrics ?? []).flatMap(({ external }) => {
    if (!external) return []
    const { metric, target } = external
    const query = object.triggers[triggerOf(metric.name)]?.metadata.query
    if (query === undefined) return []
    const known = knownMetric(of, query)
    const level = target.value !== undefined
    const spec: MetricSpec = {
      name: metric.name,
      type: level ? 'Value' : 'AverageValue',
      target: milli(quantity(target.value ?? target.averageValue ?? '')),
    }
    return [{ query, spec, metric: known ?? ({ name: metric.name, kind: level ? 'level' : 'share' } as const) }]
  })
  const stabilisation = hpa.behavior?.scaleDown?.stabilizationWindowSeconds ?? 300
  const { fallback: _, ...rest } = of
  return {
    ...rest,
    spec: {
      minReplicas: hpa.minReplicas ?? 1,
      maxReplicas: hpa.maxReplicas,
      ...(hpa.behavior ? { behavior: hpa.behavior } : {}),
      metrics: found.map(({ spec }) => spec),
    },
    metrics: found.map(({ metric }) => metric),
    queries: found.map(({ query }) => query),
    ...(object.fallback && of.fallback ? { fallback: { ...of.fallback, replicas: object.fallback.replicas } } : {}),
    span: spanOf(stabilisation),
  }
}

/** What a query measures, as far as the row knows it; the forecast of a metric also where it is not the row but the resource that says so. */
function knownMetric(of: Watched, query: string): ExplainedMetric | undefined {
  // The model of one resource, or whose pods they are, is one more label of the same question.
  const known = of.queries.findIndex((one) => bare(one) === bare(query))
  if (of.metrics[known]) return of.metrics[known]
  const foretold = of.metrics.find(({ name }) => of.foretold.get(name) === bare(query))
  return foretold && { name: foretold.name, kind: 'forecast' }
}

const bare = (query: string): string => query.replaceAll(/,(model|inference)="[^"]*"/g, '')

/** Of a look that is now, what the HPA itself says: its count of pods. */
export const asCounted = (look: Look, { status }: Hpa): Look =>
  status?.currentReplicas === undefined ? look : { ...look, replicas: status.currentReplicas }

/** Whether the HPA had no answer though Prometheus has one to every metric: who asks for it is dead. */
export const deaf = ({ metrics, pods }: Explanation, { status }: Hpa): boolean =>
  pods > 0 &&
  metrics.every(({ pods: asked, fallback }) => asked !== undefined && !fallback) &&
  (status?.conditions ?? []).some(({ type, status: is }) => type === 'ScalingActive' && is === 'False')

/**
 * Looks of which nobody saw anything, the last at `at`, milliseconds: one, or as many as it takes until KEDA stands in, where its object says that it does.
 * None where the HPA has not counted yet.
 */
export function unseen(of: Watched, object: ScaledObject | undefined, { status }: Hpa, at: number): Look[] {
  const replicas = status?.currentReplicas
  if (replicas === undefined) return []
  const standsIn = object?.status?.conditions?.some(({ type, status: is }) => type === 'Fallback' && is === 'True')
  const count = standsIn && of.fallback ? of.fallback.failures + 1 : 1
  return Array.from({ length: count }, (_, i) => ({
    at: at - (count - 1 - i) * loop.syncSeconds * 1_000,
    replicas,
    values: of.queries.map(() => undefined),
  }))
}

/** What the cluster's own objects say beside the explanation. */
export interface Said {
  readonly scaledObject: string
  readonly currentReplicas: number | undefined
  readonly desiredReplicas: number | undefined
  readonly lastScaleTime: string | undefined
  /** Reasons of the HPA's conditions, and of KEDA's that are not as they should be. */
  readonly conditions: readonly string[]
  /** Triggers that KEDA counts as failing, with its count of failures. */
  readonly failing: Readonly<Record<string, number>>
}

export function said({ metadata, status: keda }: ScaledObject, { status }: Hpa): Said {
  const bad = (keda?.conditions ?? []).filter(
    ({ type, status: is }) => (type === 'Ready' && is === 'False') || (type === 'Fallback' && is === 'True'),
  )
  return {
    scaledObject: `${metadata.namespace}/${metadata.name}`,
    currentReplicas: status?.currentReplicas,
    desiredReplicas: status?.desiredReplicas,
    lastScaleTime: status?.lastScaleTime,
    conditions: [...(status?.conditions ?? []), ...bad].map(
      ({ type, reason, message }) => `${type} ${reason}: ${message}`,
    ),
    failing: Object.fromEntries(
      Object.entries(keda?.health ?? {})
        .filter(([, { status: is }]) => is === 'Failing')
        .map(([name, { numberOfFailures = 0 }]) => [name, numberOfFailures]),
    ),
  }
}

/** The explanation as lines for a person. */
export function lines(explained: Explanation, cluster: Said | undefined, unasked?: string): string[] {
  const none = 'There is no autoscaler for it: this is what one would do.'
  const metrics = explained.metrics.map(
    ({ name, kind, value, target, ratio, pods, missing, withinTolerance, fallback }) => {
      const what = kind === 'forecast' ? `forecast of ${name}` : name
      const seen = missing ?? (fallback ? `stood in for (${value})` : `${value} of ${target}`)
      const asks = pods === undefined ? 'asks for nothing' : `asks for ${pods}`
      return `  ${what.padEnd(24)} ${seen.padEnd(28)} ${asks}${withinTolerance ? `, ratio ${ratio?.toFixed(2)} is near enough to 1` : ''}`
    },
  )
  return [
    explained.sentence,
    ...(cluster ? [] : [none]),
    ...(unasked === undefined ? [] : [`Prometheus could not be asked: ${unasked}`]),
    '',
    ...metrics,
    `  ${'bounds'.padEnd(24)} ${explained.bounds.min} to ${explained.bounds.max}`,
    ...(cluster
      ? [
          '',
          `  HPA of ${cluster.scaledObject}: ${cluster.currentReplicas} pods, ${cluster.desiredReplicas} wanted, last changed ${cluster.lastScaleTime ?? 'never'}`,
          ...cluster.conditions.map((one) => `    ${one}`),
        ]
      : []),
  ]
}

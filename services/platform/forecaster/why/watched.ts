import { behavior, forecastQuery, isForecast, loop, triggers } from '../../../../policies/autoscaling.ts'
import type { ObjectivesPolicy } from '../../../../policies/model/objectives.ts'
import { type ScalingPolicy, serviceOf } from '../../../../policies/model/scaling.ts'
import type { ServicePolicy } from '../../../../policies/model/service.ts'
import type { ReplicaBounds } from '../../../../policies/replicas.ts'
import { stabilisationIn } from '../../../../policies/scaling-times.ts'
import { labelled, scalingSeries } from '../../../../policies/series.ts'
import type { ExplainedMetric } from '../../../common/autoscaling/explain/explain.ts'
import type { Replay } from '../../../common/autoscaling/explain/replay.ts'
import { type AutoscalerSpec, type Behavior, milli } from '../../../common/autoscaling/spec.ts'

/** A service whose count can be explained: its autoscaler, and what to ask Prometheus for. */
export interface Watched extends Replay {
  /** PromQL of each metric, in the order of the autoscaler's. */
  readonly queries: readonly string[]
  /** PromQL of the forecast of each metric that may be forecast, whether or not it counts, by its name. */
  readonly foretold: ReadonlyMap<string, string>
  /** PromQL of its pods. */
  readonly pods: string
  /** For how long before a moment its looks matter, in seconds. */
  readonly span: number
}

/** KEDA counts a failure at its own looks and at the HPA's: in as many of these it stands in after so few. */
export const failedLooks = Math.ceil((loop.failures + 1) / 2) - 1

/** Looks that decide about one: as far back as stabilisation and step reach, and until a fallback stands in. */
export const spanOf = (stabilisation: number): number =>
  Math.max(stabilisation, loop.syncSeconds * (failedLooks + 1)) + loop.syncSeconds

/** For so long a service that nobody scrapes is taken to have the pods that it had. */
const remembered = '10m'

/** The pods that answer, as the recording rules count them, or answered last: a service whose metrics fall silent has pods all the same. */
export const podsOf = (service: string): string =>
  `last_over_time(${labelled(scalingSeries.pods, { service })}[${remembered}])`

/** A row of the matrix as something that can be explained: what KEDA and the HPA make of it, by the same code. */
export function watched(
  name: string,
  row: ScalingPolicy,
  graph: ServicePolicy,
  objectives: ObjectivesPolicy,
  bounds: ReplicaBounds,
): Watched {
  const service = serviceOf(name)
  const stabilisation = stabilisationIn({ objectives }, row, graph, bounds)
  const forecast = row.prediction?.mode === 'on'
  const measured = row.metrics.flatMap((metric) => {
    const source = graph.metrics[metric.name]
    return source ? [{ name: metric.name, source }] : []
  })
  const metrics: readonly ExplainedMetric[] = [
    ...measured.map(
      ({ name: of, source }): ExplainedMetric => ({ name: of, kind: source.kind === 'average' ? 'level' : 'share' }),
    ),
    ...(forecast ? measured : [])
      .filter(({ source }) => isForecast(source))
      .map(({ name: of }): ExplainedMetric => ({ name: of, kind: 'forecast' })),
  ]
  const asked = triggers(service, row.metrics, graph.metrics, { forecast: () => forecast })
  const spec: AutoscalerSpec = {
    minReplicas: bounds.min,
    maxReplicas: bounds.max,
    behavior: behavior(row.actions, stabilisation) as Behavior,
    metrics: asked.map(({ kind, threshold }, i) => ({
      name: `${metrics[i]?.kind === 'forecast' ? 'forecast of ' : ''}${metrics[i]?.name}`,
      type: kind === 'share' ? 'AverageValue' : 'Value',
      target: milli(threshold),
    })),
  }
  const replicas = Math.min(bounds.max, Math.max(bounds.min, row.actions.fallback_replicas))
  return {
    service,
    spec,
    metrics,
    fallback: { replicas, failures: failedLooks },
    options: { tolerance: loop.tolerance },
    queries: asked.map(({ query }) => query),
    foretold: new Map(
      measured
        .filter(({ source }) => isForecast(source))
        .map(({ name: of, source }) => [of, forecastQuery(service, of, source)]),
    ),
    pods: podsOf(service),
    span: spanOf(stabilisation),
  }
}

import { isForecast, loop, metricQuery } from '../../../policies/autoscaling.ts'
import type { Policies } from '../../../policies/bundle.ts'
import { serviceOf } from '../../../policies/model/scaling.ts'
import type { MetricName, MetricSource } from '../../../policies/model/service.ts'
import { seconds } from '../../../policies/model/units.ts'
import type { ReplicaBounds } from '../../../policies/replicas.ts'
import { stabilisationIn } from '../../../policies/scaling-times.ts'
import type { ForecasterOptions } from './model/options.ts'

/** Seconds from one observation to the next: the grain of the history, and of a forecast. */
export const stepSeconds = 60

/** From a change of load until the loop asks for a pod: a step that has to be over, a scrape, KEDA's and the HPA's looks, and room. */
export const loopDelaySeconds = 120

/** One metric of one service that is forecast. */
export interface Subject {
  readonly service: string
  readonly metric: MetricName
  readonly mode: 'preview' | 'on'
  /** PromQL of what the autoscaler looks at; where there is a label, of each of its values. */
  readonly query: string
  /** The label that tells apart what is forecast by itself: the resources of one service. */
  readonly by?: NonNullable<MetricSource['by']>
  readonly options: ForecasterOptions
}

/**
 * What there is to forecast: of each row with a prediction, the metrics that count coming work. `of`: the bounds that the service's autoscaler
 * has in the environment, by service.
 */
export function subjects(
  { scaling, services, objectives }: Pick<Policies, 'scaling' | 'services' | 'objectives'>,
  of: Readonly<Record<string, ReplicaBounds>>,
): readonly Subject[] {
  return Object.entries(scaling).flatMap(([name, row]) => {
    const service = serviceOf(name)
    const [graph, bounds] = [services[service], of[service]]
    const { mode, quantile } = row.prediction ?? { mode: 'off', quantile: 0 }
    if (!graph || !bounds || mode === 'off') return []
    return row.metrics.flatMap((metric): readonly Subject[] => {
      const source = graph.metrics[metric.name]
      if (!source || !isForecast(source)) return []
      return [
        {
          service,
          metric: metric.name,
          mode,
          query: metricQuery(service, source, metric.window, {}, source.by),
          ...(source.by === undefined ? {} : { by: source.by }),
          options: {
            stepSeconds,
            horizonSeconds: seconds(graph.startup) + loopDelaySeconds,
            quantile,
            target: metric.threshold,
            tolerance: loop.tolerance,
            ...bounds,
            stabilisationSeconds: stabilisationIn({ objectives }, row, graph, bounds),
            limits: objectives.scaling.prediction,
          },
        },
      ]
    })
  })
}

import { scaledObjectSpec, triggers } from '../../../../policies/autoscaling.ts'
import type { InferenceRegion } from '../../../../policies/model/inference-region.ts'
import type { ScalingMetric, ScalingPolicy } from '../../../../policies/model/scaling.ts'
import type { MetricName, MetricSource } from '../../../../policies/model/service.ts'
import { seconds } from '../../../../policies/model/units.ts'
import { objectives } from '../../../../policies/objectives.ts'
import { scaling as matrix } from '../../../../policies/scaling.ts'
import { scalingLoop, stabilisationOf, worstDown } from '../../../../policies/scaling-times.ts'
import { services } from '../../../../policies/services.ts'
import type { KubeObject } from '../api/object.ts'
import type { Inference } from '../inference.ts'
import { objectOf } from './names.ts'
import type { Said } from './said.ts'

const service = 'ml-inference'
const sources: Readonly<Partial<Record<MetricName, MetricSource>>> = services[service].metrics

type Metrics = NonNullable<NonNullable<Inference['spec']['scaling']>['metrics']>

/** The resource's words for the dimensions of the scaling matrix. */
const metricNames = {
  QPS: 'qps',
  GPUUtilization: 'gpu_utilization',
  QueueDepth: 'queue_depth',
  LatencyP99: 'latency_p99',
} as const satisfies Record<Metrics[number]['type'], MetricName>

const defaultWindowSeconds = 60

interface Scaling {
  readonly row: ScalingPolicy
  readonly metrics: readonly ScalingMetric[]
  readonly min: number
  readonly max: number
  readonly actions: ScalingPolicy['actions']
}

/** What the resource and its row of the matrix say together. */
function scalingOf({ spec }: Inference): Scaling | undefined {
  const { scaling } = spec
  if (!scaling) return undefined
  const row: ScalingPolicy = matrix[scaling.policy ?? 'ml_inference']
  const metrics = scaling.metrics?.map(({ type, averageValue, windowSeconds = defaultWindowSeconds }) => ({
    name: metricNames[type],
    threshold: averageValue,
    window: `${windowSeconds}s` as const,
  }))
  const min = scaling.minReplicas ?? row.actions.min_replicas
  return {
    row,
    metrics: metrics ?? row.metrics,
    min,
    // Where only one bound is its own, the other gives way.
    max: Math.max(min, scaling.maxReplicas ?? row.actions.max_replicas),
    actions: row.actions,
  }
}

/** Whether forecasts of a metric may scale the resource: it says so, and a pod may have of it what the row says, for which they are made. */
const foretold =
  ({ spec }: Inference, { row }: Scaling) =>
  ({ name, threshold }: ScalingMetric): boolean =>
    spec.prediction === 'on' &&
    (row.prediction?.mode ?? 'off') !== 'off' &&
    row.metrics.some((metric) => metric.name === name && metric.threshold === threshold)

/**
 * The ScaledObject that counts the resource's pods by its scale subresource, and why there is none. Requests are counted of this resource's
 * model, processors of this resource's pods.
 */
export function autoscaling(
  inference: Inference,
  region: InferenceRegion,
  has: { readonly keda: boolean; readonly model: string },
): { readonly object?: KubeObject; readonly said: Said } {
  const scaling = scalingOf(inference)
  const no = (reason: string, message: string) => ({ said: { status: 'False', reason, message } as const })
  if (!scaling) return no('NotAsked', 'The resource has no scaling: spec.replicas counts the pods.')
  if (!region.autoscaler) return no('NoAutoscaler', 'This region has no autoscaler: spec.replicas counts the pods.')
  if (!has.keda) return no('NotInstalled', 'KEDA is not installed here: its ScaledObject is made once it is.')
  const blind = scaling.metrics.filter(({ name }) => !sources[name]).map(({ name }) => name)
  if (blind.length === scaling.metrics.length) return no('NotMeasured', `Nobody measures ${blind.join(', ')} of it.`)
  const { apiVersion, kind, metadata } = inference
  const { min, max, actions, metrics } = scaling
  const within = seconds(objectives.scaling.downWithin)
  const loop = scalingLoop({ objectives }, { metrics, actions }, services[service], { min, max })
  const stabilisation = stabilisationOf(loop, within)
  const down = worstDown(loop, stabilisation).seconds
  const all = triggers(service, metrics, sources, {
    forecast: foretold(inference, scaling),
    only: ({ by }) => (by ? { [by]: by === 'model' ? has.model : metadata.name } : {}),
  })
  const unforeseen = inference.spec.prediction === 'on' && all.length === metrics.length - blind.length
  const object = objectOf(
    inference,
    region,
    { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: metadata.name },
    {
      spec: scaledObjectSpec({
        target: { apiVersion, kind, name: metadata.name },
        triggers: all,
        min,
        max,
        actions,
        stabilisation,
        prometheus: region.autoscaler.prometheus,
      }),
    },
  )
  const says = [
    blind.length > 0 ? `Nobody measures ${blind.join(', ')}; the rest counts.` : 'KEDA counts the pods.',
    ...(unforeseen ? ['Nothing is foreseen of it: forecasts are made for the thresholds of the scaling matrix.'] : []),
    ...(down > within ? [`Their windows are long: ${down}s may pass until idle pods are gone.`] : []),
  ]
  const message = says.join(' ')
  return { object, said: { status: 'True', reason: 'Scaled', message } }
}

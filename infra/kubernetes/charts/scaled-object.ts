import { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import type { ScalingMetric } from '../../../policies/model/scaling.ts'
import type { MetricSource } from '../../../policies/model/service.ts'
import { seconds } from '../../../policies/model/units.ts'
import type { ChartScope } from '../context.ts'
import { address, nodeOf } from '../names.ts'
import { bounds, scalingOf } from '../replicas.ts'
import { metricQuery } from './scaling-rules.ts'

/** A trigger of KEDA, typed: once imported, KEDA's own are plain strings. */
export type Trigger =
  /** An amount of the whole service: each pod shall have at most `threshold` of it. */
  | { readonly kind: 'share'; readonly query: string; readonly threshold: number }
  /** A level that all pods have alike: pods are added until it is at most `threshold`. */
  | { readonly kind: 'level'; readonly query: string; readonly threshold: number }

/** The trigger of one dimension of the scaling matrix. */
export function trigger(service: string, source: MetricSource, metric: ScalingMetric): Trigger {
  const query = metricQuery(service, source, metric.window)
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

/**
 * The KEDA object of a service that the environment lets KEDA scale, else none. One step changes at most the share that the
 * policy's factors allow, once per the longest window that it looks at.
 */
export function scaledObject(
  construct: Construct,
  scope: ChartScope,
  service: string,
  scaleTargetRef: ScaleTarget = { apiVersion: 'apps/v1', kind: 'Deployment', name: service },
): ApiObject | undefined {
  const row = scalingOf(scope, service)
  if (scope.policy.autoscaler !== 'keda' || !row) return undefined
  const { namespace, metrics } = nodeOf(scope, service)
  const { scale_up_factor, scale_down_factor } = row.actions
  const { min, max } = bounds(scope, service)
  const periodSeconds = Math.max(...row.metrics.map(({ window }) => seconds(window)))
  const triggers = row.metrics.flatMap((metric) => {
    const source = metrics[metric.name]
    return source ? [trigger(service, source, metric)] : []
  })
  return new ApiObject(construct, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: service, namespace },
    spec: {
      scaleTargetRef,
      minReplicaCount: min,
      maxReplicaCount: max,
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleUp: { policies: [{ type: 'Percent', value: percent(scale_up_factor - 1), periodSeconds }] },
            scaleDown: { policies: [{ type: 'Percent', value: percent(1 - scale_down_factor), periodSeconds }] },
          },
        },
      },
      triggers: triggers.map(({ kind, query, threshold }) => ({
        type: 'prometheus',
        metricType: metricTypes[kind],
        metadata: {
          serverAddress: `https://${address(scope, 'prometheus', 'https')}`,
          query,
          threshold: `${threshold}`,
          authModes: 'basic,tls',
        },
        authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'prometheus' },
      })),
    },
  })
}

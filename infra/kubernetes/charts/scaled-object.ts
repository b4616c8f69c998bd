import { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import { longestWindow, type ScaleTarget, scaledObjectSpec, trigger } from '../../../policies/autoscaling.ts'
import type { ChartScope } from '../context.ts'
import { address, nodeOf } from '../names.ts'
import { bounds, scalingOf } from '../replicas.ts'

/** Where Prometheus answers, for autoscalers. */
export const prometheusAddress = (scope: ChartScope): string => `https://${address(scope, 'prometheus', 'https')}`

/** The KEDA object of a service that the environment lets KEDA scale, else none. */
export function scaledObject(
  construct: Construct,
  scope: ChartScope,
  service: string,
  target: ScaleTarget = { apiVersion: 'apps/v1', kind: 'Deployment', name: service },
): ApiObject | undefined {
  const row = scalingOf(scope, service)
  if (scope.policy.autoscaler !== 'keda' || !row) return undefined
  const { namespace, metrics } = nodeOf(scope, service)
  const { min, max } = bounds(scope, service)
  const triggers = row.metrics.flatMap((metric) => {
    const source = metrics[metric.name]
    return source ? [trigger(service, source, metric)] : []
  })
  return new ApiObject(construct, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: service, namespace },
    spec: scaledObjectSpec({
      target,
      triggers,
      min,
      max,
      actions: row.actions,
      period: longestWindow(row.metrics),
      prometheus: prometheusAddress(scope),
    }),
  })
}

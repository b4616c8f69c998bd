import { ApiObject } from 'cdk8s'
import type { Construct } from 'constructs'
import { type ScaleTarget, scaledObjectSpec, triggers } from '../../../policies/autoscaling.ts'
import { stabilisationIn } from '../../../policies/scaling-times.ts'
import type { ChartScope } from '../context.ts'
import { address, nodeOf } from '../names.ts'
import { bounds, hasKeda, scalingOf } from '../replicas.ts'

/** Where Prometheus answers, for autoscalers. */
export const prometheusAddress = (scope: ChartScope): string => `https://${address(scope, 'prometheus', 'https')}`

/** The KEDA object of a service that KEDA scales here, else none. */
export function scaledObject(
  construct: Construct,
  scope: ChartScope,
  service: string,
  target: ScaleTarget = { apiVersion: 'apps/v1', kind: 'Deployment', name: service },
): ApiObject | undefined {
  const row = scalingOf(scope, service)
  if (!hasKeda(scope) || !row) return undefined
  const { namespace, metrics, startup } = nodeOf(scope, service)
  const { min, max } = bounds(scope, service)
  // Where a zone may fail, the last pod stays.
  const zero = scope.policy.binding.includes('high-availability') ? undefined : row.actions.scale_to_zero
  return new ApiObject(construct, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: service, namespace },
    spec: scaledObjectSpec({
      target,
      triggers: triggers(service, row.metrics, metrics, { forecast: () => row.prediction?.mode === 'on' }),
      min,
      max,
      actions: row.actions,
      zero,
      stabilisation: stabilisationIn(scope.policies, row, { metrics, startup }, { min, max }),
      prometheus: prometheusAddress(scope),
    }),
  })
}

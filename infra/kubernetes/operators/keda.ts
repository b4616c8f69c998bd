import type { ChartScope } from '../context.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface KedaValues extends Placed {
  readonly clusterDomain: string
  readonly operator: { readonly replicaCount: number }
  readonly metricsServer: { readonly replicaCount: number }
  readonly webhooks: { readonly replicaCount: number }
  readonly resources: Readonly<Record<'operator' | 'metricServer' | 'webhooks', Asked>>
  readonly podDisruptionBudget: Readonly<
    Record<'operator' | 'metricServer' | 'webhooks', { readonly maxUnavailable: 1 }>
  >
}

/** What changes replicas. Two of each: while none answers, nothing scales. */
export const keda = (scope: ChartScope): Release<KedaValues> =>
  release(scope, 'keda', {
    namespace: 'keda',
    stage: 'controllers',
    values: {
      clusterDomain: scope.context.domain,
      operator: { replicaCount: 2 },
      metricsServer: { replicaCount: 2 },
      webhooks: { replicaCount: 2 },
      resources: {
        operator: asks('100m', '512Mi'),
        metricServer: asks('100m', '512Mi'),
        webhooks: asks('50m', '128Mi'),
      },
      podDisruptionBudget: {
        operator: { maxUnavailable: 1 },
        metricServer: { maxUnavailable: 1 },
        webhooks: { maxUnavailable: 1 },
      },
      ...onSystem,
    },
  })

import type { ChartScope } from '../context.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface EckOperatorValues extends Placed {
  readonly installCRDs: true
  readonly replicaCount: number
  readonly managedNamespaces: readonly string[]
  readonly resources: Asked
  readonly podDisruptionBudget: { readonly enabled: true; readonly maxUnavailable: 1 }
  readonly telemetry: { readonly disabled: true }
  readonly config: {
    /** Labels of machines that a pod may learn: its zone. */
    readonly exposedNodeLabels: readonly string[]
  }
}

/** Who makes Elasticsearch. */
export const eckOperator = (scope: ChartScope): Release<EckOperatorValues> =>
  release(scope, 'eck-operator', {
    name: 'elastic-operator',
    namespace: 'elastic-system',
    stage: 'operators',
    values: {
      installCRDs: true,
      replicaCount: 2,
      managedNamespaces: [scope.policies.services.elasticsearch?.namespace ?? 'data'],
      resources: asks('100m', '512Mi'),
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
      telemetry: { disabled: true },
      config: { exposedNodeLabels: ['topology.kubernetes.io/zone'] },
      ...onSystem,
    },
  })

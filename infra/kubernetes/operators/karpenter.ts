import type { Input } from '@pulumi/pulumi'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface KarpenterValues extends Placed {
  readonly replicas: number
  readonly serviceAccount: { readonly name: string }
  readonly settings: {
    readonly clusterName: Input<string>
    /** The queue in which AWS says that a machine will be taken away; it has the cluster's name. */
    readonly interruptionQueue: Input<string>
  }
  readonly controller: { readonly resources: Asked }
}

const namespace = 'kube-system'

/** What starts and ends machines. Its definitions are a chart of their own: Helm never changes those that a chart carries along. */
export function karpenter(scope: ChartScope, { name }: ManagedCluster): Release[] {
  const values: KarpenterValues = {
    replicas: 2,
    serviceAccount: { name: 'karpenter' },
    settings: { clusterName: name, interruptionQueue: name },
    controller: { resources: asks('500m', '1Gi') },
    ...onSystem,
  }
  return [
    release(scope, 'karpenter-crd', { namespace, stage: 'foundations', values: {} }),
    release(scope, 'karpenter', { namespace, stage: 'controllers', values }),
  ]
}

import type { Input } from '@pulumi/pulumi'
import { tags } from '../../aws/scope.ts'
import type { ChartScope, ManagedCluster } from '../context.ts'
import { cloudScope } from '../names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface AwsLoadBalancerControllerValues extends Placed {
  readonly clusterName: Input<string>
  readonly region: string
  /** The network by its tags: no pod reads the machine's own metadata. */
  readonly vpcTags: Readonly<Record<string, string>>
  readonly replicaCount: number
  readonly serviceAccount: { readonly create: true; readonly name: string }
  readonly resources: Asked
  readonly podDisruptionBudget: { readonly maxUnavailable: 1 }
  readonly defaultTags: Readonly<Record<string, string>>
  readonly enableShield: false
}

/** Who makes load balancers of the mesh's doors. */
export function awsLoadBalancerController(
  scope: ChartScope,
  { name }: ManagedCluster,
): Release<AwsLoadBalancerControllerValues> {
  const all = tags(cloudScope(scope), 'gateways')
  const { Project, Environment, Region } = all
  return release(scope, 'aws-load-balancer-controller', {
    namespace: 'kube-system',
    stage: 'controllers',
    values: {
      clusterName: name,
      region: scope.context.region,
      vpcTags: { Project, Environment, Region },
      replicaCount: 2,
      serviceAccount: { create: true, name: 'aws-load-balancer-controller' },
      resources: asks('100m', '256Mi'),
      podDisruptionBudget: { maxUnavailable: 1 },
      defaultTags: all,
      enableShield: false,
      ...onSystem,
    },
  })
}

import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import type { AwsScope } from '../scope.ts'
import { Interruption } from './interruption.ts'
import { karpenterStatements } from './karpenter-statements.ts'
import { clusterName } from './names.ts'
import { NodeRole } from './node-role.ts'
import { PodRole } from './pod-role.ts'

export interface KarpenterArgs {
  readonly scope: AwsScope
  readonly cluster: Input<string>
}

/** Who Karpenter's pods are: the ones that may start machines. */
const karpenterServiceAccount = { namespace: 'kube-system', serviceAccount: 'karpenter' } as const

/** The ground that Karpenter stands on: its own rights, the role of its machines, and the queue of warnings. */
export class Karpenter extends ComponentResource {
  readonly nodes: NodeRole
  readonly queueName: Output<string>

  constructor(name: string, { scope, cluster }: KarpenterArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Karpenter', name, {}, options)
    const inside = { parent: this }
    const { accountId } = aws.getCallerIdentityOutput({}, inside)
    this.nodes = new NodeRole(`${name}-nodes`, { scope, machines: 'karpenter', tunnel: false }, inside)
    const { queue } = new Interruption(`${name}-interruption`, { scope }, inside)
    new PodRole(
      `${name}-controller`,
      {
        scope,
        cluster,
        ...karpenterServiceAccount,
        statements: karpenterStatements({
          region: scope.region,
          accountId,
          cluster: clusterName(scope),
          queueArn: queue.arn,
          nodeRoleArn: this.nodes.arn,
        }),
      },
      inside,
    )
    this.queueName = queue.name
    this.registerOutputs({ queueName: this.queueName })
  }
}

import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Output } from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { trustOfService } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface NodeRoleArgs {
  readonly scope: AwsScope
  /** 'system', 'karpenter': which machines. */
  readonly machines: string
  /** Whether an operator's tunnel may end on these machines (Session Manager). */
  readonly tunnel: boolean
}

/** What a machine may do by itself: join its cluster and fetch images. The rest is for pods, each with a role of its own. */
export class NodeRole extends ComponentResource {
  readonly arn: Output<string>
  readonly roleName: Output<string>
  /** What a machine must wait for. */
  readonly attached: readonly aws.iam.RolePolicyAttachment[]

  constructor(name: string, { scope, machines, tunnel }: NodeRoleArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:NodeRole', name, {}, options)
    const roleName = named(scope, 'nodes', machines)
    const role = new aws.iam.Role(
      name,
      {
        name: roleName,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: trustOfService('ec2.amazonaws.com'),
        tags: tags(scope, 'cluster', { Name: roleName }),
      },
      { parent: this },
    )
    this.attached = [
      'AmazonEKSWorkerNodePolicy',
      'AmazonEC2ContainerRegistryPullOnly',
      ...(tunnel ? ['AmazonSSMManagedInstanceCore'] : []),
    ].map(
      (policy) =>
        new aws.iam.RolePolicyAttachment(
          `${name}-${policy}`,
          { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
          { parent: this },
        ),
    )
    this.arn = role.arn
    this.roleName = role.name
    this.registerOutputs({ arn: this.arn, roleName: this.roleName })
  }
}

import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate } from '@pulumi/pulumi'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf } from '../iam/document.ts'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface FlowLogsArgs {
  readonly scope: AwsScope
  readonly vpcId: Input<string>
  readonly logKeyArn: Input<string>
}

/** Who spoke to whom in the network, also what was refused. */
export class FlowLogs extends ComponentResource {
  constructor(name: string, { scope, vpcId, logKeyArn }: FlowLogsArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:FlowLogs', name, {}, options)
    const inside = { parent: this }
    const label = tags(scope, 'network', { Name: named(scope, 'flow-logs') })
    const group = logGroup(
      name,
      { scope, component: 'network', path: `/nd/${scope.environment}/${scope.region}/flow-logs`, keyArn: logKeyArn },
      inside,
    )
    const { accountId } = aws.getCallerIdentityOutput({}, inside)
    const role = new aws.iam.Role(
      name,
      {
        name: named(scope, 'flow-logs'),
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: documentOf({
          sid: 'FlowLogsOfThisAccount',
          actions: ['sts:AssumeRole'],
          principals: { Service: ['vpc-flow-logs.amazonaws.com'] },
          conditions: {
            StringEquals: { 'aws:SourceAccount': accountId },
            ArnLike: { 'aws:SourceArn': interpolate`arn:aws:ec2:${scope.region}:${accountId}:vpc-flow-log/*` },
          },
        }),
        tags: label,
      },
      inside,
    )
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.name,
        policy: documentOf({
          sid: 'Write',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [group.arn, interpolate`${group.arn}:*`],
        }),
      },
      inside,
    )
    new aws.ec2.FlowLog(
      name,
      {
        vpcId,
        trafficType: 'ALL',
        logDestinationType: 'cloud-watch-logs',
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 60,
        tags: label,
      },
      { parent: this, dependsOn: [policy] },
    )
    this.registerOutputs()
  }
}

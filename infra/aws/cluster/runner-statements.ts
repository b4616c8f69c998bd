import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

export interface RunnerRights {
  readonly region: string
  readonly accountId: Input<string>
  readonly logGroupArn: Input<string>
  readonly connectionArn: Input<string>
  readonly subnetIds: readonly Input<string>[]
}

/** What CodeBuild needs to put a container into the network. Source: AWS, "Allow users to interact with CodeBuild" in a VPC. */
export const runnerStatements = (rights: RunnerRights): readonly InputStatement[] => {
  const { region, accountId, logGroupArn, connectionArn, subnetIds } = rights
  const ec2 = interpolate`arn:aws:ec2:${region}:${accountId}`
  return [
    {
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroupArn, interpolate`${logGroupArn}:*`],
    },
    {
      sid: 'Source',
      actions: ['codeconnections:GetConnection', 'codeconnections:GetConnectionToken', 'codeconnections:UseConnection'],
      resources: [connectionArn],
    },
    {
      sid: 'Interfaces',
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
      ],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': region } },
    },
    {
      sid: 'InterfacesInOurSubnets',
      actions: ['ec2:CreateNetworkInterfacePermission'],
      resources: [interpolate`${ec2}:network-interface/*`],
      conditions: {
        StringEquals: {
          'ec2:AuthorizedService': 'codebuild.amazonaws.com',
          'ec2:Subnet': subnetIds.map((id) => interpolate`${ec2}:subnet/${id}`),
        },
      },
    },
  ]
}

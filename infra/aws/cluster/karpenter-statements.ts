import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

export interface KarpenterRights {
  readonly region: string
  readonly accountId: Input<string>
  /** Known before it stands: it is the value of tags. */
  readonly cluster: string
  readonly queueArn: Input<string>
  readonly nodeRoleArn: Input<string>
}

/**
 * What Karpenter 1.x may do: start machines that carry the cluster's tags, touch only such machines, and give them only one role.
 * Follows the permissions that its reference names (karpenter.sh, "CloudFormation").
 */
export function karpenterStatements(rights: KarpenterRights): readonly InputStatement[] {
  const { region, accountId, cluster, queueArn, nodeRoleArn } = rights
  const owned = `kubernetes.io/cluster/${cluster}`
  const ec2 = (...kinds: string[]) => kinds.map((kind) => interpolate`arn:aws:ec2:${region}:${accountId}:${kind}/*`)
  const ofAws = (...kinds: string[]) => kinds.map((kind) => `arn:aws:ec2:${region}::${kind}/*`)
  const clusterArn = interpolate`arn:aws:eks:${region}:${accountId}:cluster/${cluster}`
  const profiles = [interpolate`arn:aws:iam::${accountId}:instance-profile/*`]
  const madeHere = { [`aws:ResourceTag/${owned}`]: 'owned' }
  const forHere = { [`aws:RequestTag/${owned}`]: 'owned', 'aws:RequestTag/eks:eks-cluster-name': cluster }
  const ofPool = { 'aws:ResourceTag/karpenter.sh/nodepool': '*' }
  const forPool = { 'aws:RequestTag/karpenter.sh/nodepool': '*' }
  const started = ec2('fleet', 'instance', 'volume', 'network-interface', 'launch-template', 'spot-instances-request')
  const profileHere = { ...madeHere, 'aws:ResourceTag/topology.kubernetes.io/region': region }
  const profileFor = { ...forHere, 'aws:RequestTag/topology.kubernetes.io/region': region }
  return [
    {
      sid: 'StartFrom',
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: [...ofAws('image', 'snapshot'), ...ec2('capacity-reservation', 'placement-group')],
    },
    {
      sid: 'StartInOwnNetwork',
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: ec2('subnet', 'security-group'),
      conditions: { StringEquals: { 'aws:ResourceTag/karpenter.sh/discovery': cluster } },
    },
    {
      sid: 'StartFromOwnTemplate',
      actions: ['ec2:RunInstances', 'ec2:CreateFleet'],
      resources: ec2('launch-template'),
      conditions: { StringEquals: madeHere, StringLike: ofPool },
    },
    {
      sid: 'StartWithTags',
      actions: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
      resources: started,
      conditions: { StringEquals: forHere, StringLike: forPool },
    },
    {
      sid: 'TagWhatStarts',
      actions: ['ec2:CreateTags'],
      resources: started,
      conditions: {
        StringEquals: { ...forHere, 'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate'] },
        StringLike: forPool,
      },
    },
    {
      sid: 'NameOwnMachines',
      actions: ['ec2:CreateTags'],
      resources: ec2('instance'),
      conditions: {
        StringEquals: madeHere,
        StringLike: ofPool,
        StringEqualsIfExists: { 'aws:RequestTag/eks:eks-cluster-name': cluster },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['eks:eks-cluster-name', 'karpenter.sh/nodeclaim', 'Name'] },
      },
    },
    {
      sid: 'EndOwn',
      actions: ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate'],
      resources: ec2('instance', 'launch-template'),
      conditions: { StringEquals: madeHere, StringLike: ofPool },
    },
    {
      sid: 'LookAround',
      actions: [
        'CapacityReservations',
        'Images',
        'Instances',
        'InstanceStatus',
        'InstanceTypeOfferings',
        'InstanceTypes',
        'LaunchTemplates',
        'PlacementGroups',
        'SecurityGroups',
        'SpotPriceHistory',
        'Subnets',
      ].map((what) => `ec2:Describe${what}`),
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': region } },
    },
    {
      sid: 'CurrentImages',
      actions: ['ssm:GetParameter'],
      resources: [`arn:aws:ssm:${region}::parameter/aws/service/*`],
    },
    {
      sid: 'ZonesShiftedAway',
      actions: ['arc-zonal-shift:GetManagedResource'],
      resources: ['*'],
      conditions: { StringEquals: { 'arc-zonal-shift:ResourceIdentifier': clusterArn } },
    },
    { sid: 'Prices', actions: ['pricing:GetProducts'], resources: ['*'] },
    {
      sid: 'ReadInterruptions',
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
      resources: [queueArn],
    },
    {
      sid: 'GiveMachinesTheirRole',
      actions: ['iam:PassRole'],
      resources: [nodeRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
    {
      sid: 'MakeProfiles',
      actions: ['iam:CreateInstanceProfile'],
      resources: profiles,
      conditions: {
        StringEquals: profileFor,
        StringLike: { 'aws:RequestTag/karpenter.k8s.aws/ec2nodeclass': '*' },
      },
    },
    {
      sid: 'TagOwnProfiles',
      actions: ['iam:TagInstanceProfile'],
      resources: profiles,
      conditions: {
        StringEquals: { ...profileHere, ...profileFor },
        StringLike: {
          'aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass': '*',
          'aws:RequestTag/karpenter.k8s.aws/ec2nodeclass': '*',
        },
      },
    },
    {
      sid: 'ChangeOwnProfiles',
      actions: ['iam:AddRoleToInstanceProfile', 'iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile'],
      resources: profiles,
      conditions: {
        StringEquals: profileHere,
        StringLike: { 'aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass': '*' },
      },
    },
    { sid: 'ReadProfiles', actions: ['iam:GetInstanceProfile'], resources: profiles },
    { sid: 'ListProfiles', actions: ['iam:ListInstanceProfiles'], resources: ['*'] },
    {
      sid: 'FindCluster',
      actions: ['eks:DescribeCluster'],
      resources: [clusterArn],
    },
  ]
}

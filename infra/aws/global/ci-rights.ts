import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'
import { type AwsScope, named } from '../scope.ts'
import { limits, noContent, noData } from './ci-limits.ts'
import { type Facts, readState, writeState } from './ci-state.ts'

/** A preview sees how everything is set up, by AWS' own ReadOnlyAccess, and nothing of what customers sent. */
export const previewRights = (facts: Facts): readonly InputStatement[] => [
  ...readState(facts),
  noData(facts),
  noContent,
  { sid: 'NoParameters', effect: 'Deny', actions: ['ssm:GetParameter*'], resources: ['*'] },
]

/** To push images, and to say that they are signed; never to delete one. */
export const imageRights = (repositoryArns: readonly Input<string>[]): readonly InputStatement[] => [
  { sid: 'SignIn', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
  {
    sid: 'Push',
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImageScanFindings',
      'ecr:DescribeImages',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:ListImages',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    resources: repositoryArns,
  },
]

/** The regions that a role works in, and how the names of what it makes begin. */
interface Reach {
  readonly environment: string
  readonly regions: readonly string[]
  readonly prefix: string
  readonly accountId: Input<string>
}

const within = ({ regions }: Reach) => ({ StringEquals: { 'aws:RequestedRegion': regions } })

/** Services whose things have names of ours, by what follows the account in an ARN. */
const namedThings = {
  cloudtrail: (prefix) => [`trail/${prefix}-*`],
  cloudwatch: (prefix) => [`alarm:${prefix}-*`],
  codebuild: (prefix) => [`project/${prefix}-*`],
  eks: (prefix) => [`*/${prefix}-*`],
  elasticache: (prefix) => [`*:${prefix}-*`],
  events: (prefix) => [`rule/${prefix}-*`],
  kafka: (prefix) => [`*/${prefix}-*`],
  sqs: (prefix) => [`${prefix}-*`],
  wafv2: (prefix) => [`regional/webacl/${prefix}-*`, 'regional/managedruleset/*'],
} as const satisfies Record<string, (prefix: string) => readonly string[]>

type NamedService = keyof typeof namedThings

/** To look at everything of a service, to make, and to change what has a name of ours. */
const own = (services: readonly NamedService[], reach: Reach): readonly InputStatement[] => [
  {
    sid: 'LookAndMake',
    actions: services.flatMap((service) => ['Describe*', 'List*', 'Create*'].map((verb) => `${service}:${verb}`)),
    resources: ['*'],
    conditions: within(reach),
    reason: 'What does not exist yet has no name, and lists have none.',
  },
  {
    sid: 'Own',
    actions: services.map((service) => `${service}:*`),
    resources: services.flatMap((service) =>
      reach.regions.flatMap((region) =>
        namedThings[service](reach.prefix).map(
          (thing) => interpolate`arn:aws:${service}:${region}:${reach.accountId}:${thing}`,
        ),
      ),
    ),
  },
  // The state's bucket is none of these.
  {
    sid: 'OwnBuckets',
    actions: ['s3:*'],
    resources: reach.regions.map((region) => `arn:aws:s3:::nd-${reach.environment}-${region}-*`),
  },
]

/** Services whose things have ids that nobody knows before. */
const byRegion = (services: readonly string[], reach: Reach): InputStatement => ({
  sid: 'InItsRegion',
  actions: services.map((service) => `${service}:*`),
  resources: ['*'],
  conditions: within(reach),
  reason: 'Their ids cannot be named before; the region bounds them, and what never may be done.',
})

const roles = ({ accountId, prefix }: Reach): readonly InputStatement[] => {
  const ours = ['role', 'policy', 'instance-profile'].map(
    (kind) => interpolate`arn:aws:iam::${accountId}:${kind}/${prefix}-*`,
  )
  return [
    {
      sid: 'ReadIam',
      actions: ['iam:Get*', 'iam:List*'],
      resources: ['*'],
      reason: 'Reading tells names, not secrets.',
    },
    {
      sid: 'OwnIam',
      actions: [
        'AddRoleToInstanceProfile',
        'AttachRolePolicy',
        'CreateInstanceProfile',
        'CreatePolicy',
        'CreatePolicyVersion',
        'CreateRole',
        'DeleteInstanceProfile',
        'DeletePolicy',
        'DeletePolicyVersion',
        'DeleteRole',
        'DeleteRolePolicy',
        'DetachRolePolicy',
        'PutRolePolicy',
        'RemoveRoleFromInstanceProfile',
        'TagInstanceProfile',
        'TagPolicy',
        'TagRole',
        'UntagRole',
        'UpdateAssumeRolePolicy',
        'UpdateRole',
      ].map((action) => `iam:${action}`),
      resources: ours,
    },
    {
      sid: 'HandRoles',
      actions: ['iam:PassRole'],
      resources: ours,
      conditions: {
        StringEquals: {
          'iam:PassedToService': [
            'codebuild.amazonaws.com',
            'ec2.amazonaws.com',
            'ecr.amazonaws.com',
            'eks.amazonaws.com',
            'kafka.amazonaws.com',
            'pods.eks.amazonaws.com',
            's3.amazonaws.com',
            'vpc-flow-logs.amazonaws.com',
          ],
        },
      },
    },
    {
      sid: 'RolesOfServices',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [interpolate`arn:aws:iam::${accountId}:role/aws-service-role/*`],
    },
  ]
}

const keys = (reach: Reach): InputStatement => ({
  sid: 'Keys',
  actions: [
    'kms:CreateAlias',
    'kms:CreateGrant',
    'kms:CreateKey',
    'kms:Decrypt',
    'kms:DeleteAlias',
    'kms:DescribeKey',
    'kms:EnableKeyRotation',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GetKeyPolicy',
    'kms:GetKeyRotationStatus',
    'kms:ListAliases',
    'kms:ListResourceTags',
    'kms:PutKeyPolicy',
    'kms:ReplicateKey',
    'kms:TagResource',
    'kms:UntagResource',
    'kms:UpdateAlias',
    'kms:UpdateKeyDescription',
  ],
  resources: ['*'],
  conditions: within(reach),
})

/** To make and change one region, and nothing in another. */
export function regionRights(facts: Facts, scope: AwsScope): readonly InputStatement[] {
  const { accountId } = facts
  const { environment, region } = scope
  const reach = { environment, regions: [region], prefix: named(scope), accountId }
  return [
    ...writeState(facts),
    ...own(['codebuild', 'eks', 'elasticache', 'events', 'kafka', 'sqs'], reach),
    byRegion(['ec2', 'logs'], reach),
    keys(reach),
    ...roles(reach),
    {
      sid: 'MachineImages',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resources: [`arn:aws:ssm:${region}::parameter/aws/service/*`],
    },
    {
      sid: 'OwnDocuments',
      actions: [
        'AddTagsToResource',
        'CreateDocument',
        'DeleteDocument',
        'DescribeDocument',
        'DescribeDocumentPermission',
        'GetDocument',
        'ListTagsForResource',
        'RemoveTagsFromResource',
        'UpdateDocument',
        'UpdateDocumentDefaultVersion',
      ].map((action) => `ssm:${action}`),
      resources: [interpolate`arn:aws:ssm:${region}:${accountId}:document/${named(scope)}-*`],
    },
    ...limits(facts),
  ]
}

/** To make and change what the regions share, and what joins them. */
export function sharedRights(facts: Facts): readonly InputStatement[] {
  const { environment, policy } = facts.primary
  // Route 53 answers from us-east-1, wherever the regions are.
  const regions = [...new Set([...policy.regions, 'us-east-1'])]
  const reach = { environment, regions, prefix: `nd-${environment}`, accountId: facts.accountId }
  return [
    ...writeState(facts),
    ...own(['cloudtrail', 'cloudwatch', 'kafka', 'wafv2'], reach),
    byRegion(['acm', 'acm-pca', 'logs', 'route53'], reach),
    keys(reach),
    ...roles(reach),
    {
      sid: 'OwnRepositories',
      actions: ['ecr:*'],
      resources: regions.map(
        (region) => interpolate`arn:aws:ecr:${region}:${facts.accountId}:repository/nd-${environment}/*`,
      ),
    },
    {
      sid: 'Registry',
      actions: [
        'CreateRepository',
        'CreateRepositoryCreationTemplate',
        'DeleteRepositoryCreationTemplate',
        'DescribeRegistry',
        'DescribeRepositoryCreationTemplates',
        'GetRegistryScanningConfiguration',
        'PutRegistryScanningConfiguration',
        'PutReplicationConfiguration',
        'UpdateRepositoryCreationTemplate',
      ].map((action) => `ecr:${action}`),
      resources: ['*'],
      conditions: within(reach),
    },
    {
      sid: 'JoinNetworks',
      actions: [
        'AcceptVpcPeeringConnection',
        'CreateNetworkInterface',
        'CreateRoute',
        'CreateTags',
        'CreateVpcPeeringConnection',
        'DeleteRoute',
        'DeleteTags',
        'DeleteVpcPeeringConnection',
        'DescribeNetworkInterfaces',
        'DescribeRouteTables',
        'DescribeSecurityGroups',
        'DescribeSubnets',
        'DescribeVpcPeeringConnections',
        'DescribeVpcs',
        'ModifyVpcPeeringConnectionOptions',
        'ReplaceRoute',
      ].map((action) => `ec2:${action}`),
      resources: ['*'],
      conditions: within(reach),
    },
    ...limits(facts),
  ]
}

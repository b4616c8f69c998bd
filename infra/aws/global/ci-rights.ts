import { type Input, interpolate, type Output } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'
import { type AwsScope, named } from '../scope.ts'

/** Where Pulumi keeps the stacks of an environment, and the name of the key for the secrets in them. Made once by hand: docs/aws-data.md. */
export const stateBucket = (environment: string, accountId: Input<string>): Output<string> =>
  interpolate`nd-${environment}-pulumi-${accountId}`
export const stateKeyAlias = (environment: string): string => `alias/nd-${environment}-pulumi`

interface Facts {
  /** Of the primary region, which has the state. */
  readonly primary: AwsScope
  readonly accountId: Input<string>
}

/** To read what Pulumi knows of the environment's stacks, their secrets included: a preview compares with it. */
const readState = ({ primary, accountId }: Facts): readonly InputStatement[] => {
  const bucket = stateBucket(primary.environment, accountId)
  return [
    {
      sid: 'StateList',
      actions: ['s3:ListBucket', 's3:GetBucketLocation'],
      resources: [interpolate`arn:aws:s3:::${bucket}`],
    },
    { sid: 'StateRead', actions: ['s3:GetObject'], resources: [interpolate`arn:aws:s3:::${bucket}/*`] },
    {
      sid: 'StateSecrets',
      actions: ['kms:Decrypt', 'kms:DescribeKey'],
      resources: [interpolate`arn:aws:kms:${primary.region}:${accountId}:key/*`],
      conditions: { StringEquals: { 'kms:ResourceAliases': stateKeyAlias(primary.environment) } },
    },
  ]
}

/** To write it: the state itself, its history and its lock. */
const writeState = (facts: Facts): readonly InputStatement[] => {
  const { primary, accountId } = facts
  const bucket = stateBucket(primary.environment, accountId)
  return [
    ...readState(facts),
    {
      sid: 'StateWrite',
      actions: ['s3:PutObject', 's3:DeleteObject'],
      resources: [interpolate`arn:aws:s3:::${bucket}/.pulumi/*`],
    },
    {
      sid: 'StateEncrypt',
      actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
      resources: [interpolate`arn:aws:kms:${primary.region}:${accountId}:key/*`],
      conditions: { StringEquals: { 'kms:ResourceAliases': stateKeyAlias(primary.environment) } },
    },
  ]
}

/** No workflow reads, writes or deletes what customers sent, nor the trail of who did what. */
const noData = ({ primary }: Facts): InputStatement => ({
  sid: 'NoData',
  effect: 'Deny',
  actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
  resources: primary.policy.regions.map((region) => `arn:aws:s3:::${named({ ...primary, region }, '*')}`),
})

/** A preview sees how everything is set up, by AWS' own ReadOnlyAccess, and nothing of what customers sent. */
export const previewRights = (facts: Facts): readonly InputStatement[] => [
  ...readState(facts),
  noData(facts),
  {
    sid: 'NoContent',
    effect: 'Deny',
    actions: [
      'kafka-cluster:*',
      'logs:FilterLogEvents',
      'logs:GetLogEvents',
      'logs:StartQuery',
      'secretsmanager:GetSecretValue',
      'ssm:GetParameter*',
    ],
    resources: ['*'],
  },
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

/** Services of AWS that a region is made of. */
const regional = [
  'acm',
  'autoscaling',
  'cloudwatch',
  'ec2',
  'eks',
  'elasticache',
  'elasticloadbalancing',
  'events',
  'kafka',
  'logs',
  's3',
  'sqs',
  'wafv2',
]

/** Beyond those, what an environment has once. */
const once = ['acm-pca', 'cloudtrail', 'ecr', 'route53']

/** What a workflow never does: it ends data, or lifts what protects it. A person does, with other credentials and a second pair of eyes. */
const endsData: InputStatement = {
  sid: 'NeverEndsData',
  effect: 'Deny',
  actions: [
    'acm-pca:DeleteCertificateAuthority',
    'cloudtrail:DeleteTrail',
    'cloudtrail:StopLogging',
    'ecr:DeleteRepository',
    'kafka:DeleteCluster',
    'kms:DisableKey',
    'kms:ScheduleKeyDeletion',
    'route53:DeleteHostedZone',
    's3:BypassGovernanceRetention',
    's3:DeleteBucket',
    's3:DeleteBucketPolicy',
    's3:PutObjectRetention',
  ],
  resources: ['*'],
}

/** No role of CI makes itself or another role of CI stronger, and none makes credentials that last. */
const staysSmall = ({ primary, accountId }: Facts): InputStatement => ({
  sid: 'StaysSmall',
  effect: 'Deny',
  actions: [
    'Add',
    'Attach',
    'Create',
    'Delete',
    'Detach',
    'PassRole',
    'Put',
    'Remove',
    'Set',
    'Tag',
    'Untag',
    'Update',
  ].map((verb) => `iam:${verb}*`),
  resources: [
    interpolate`arn:aws:iam::${accountId}:role/nd-${primary.environment}-ci-*`,
    interpolate`arn:aws:iam::${accountId}:oidc-provider/*`,
    interpolate`arn:aws:iam::${accountId}:user/*`,
    interpolate`arn:aws:iam::${accountId}:group/*`,
  ],
})

const limits = (facts: Facts): readonly InputStatement[] => [endsData, noData(facts), staysSmall(facts)]

const withNames = (accountId: Input<string>, prefix: string): readonly InputStatement[] => {
  const own = ['role', 'policy', 'instance-profile'].map(
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
      resources: own,
    },
    {
      sid: 'HandRoles',
      actions: ['iam:PassRole'],
      resources: own,
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

const keysOf = (regions: readonly string[]): InputStatement => ({
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
  conditions: { StringEquals: { 'aws:RequestedRegion': regions } },
})

const services = (sid: string, names: readonly string[], regions: readonly string[]): InputStatement => ({
  sid,
  actions: names.map((name) => `${name}:*`),
  resources: ['*'],
  conditions: { StringEquals: { 'aws:RequestedRegion': regions } },
  reason: 'Ids of what does not exist yet cannot be named; the region bounds it, and NeverEndsData.',
})

/** To make and change one region, and nothing in another. */
export const regionRights = (facts: Facts, scope: AwsScope, zoneArn: Input<string>): readonly InputStatement[] => [
  ...writeState(facts),
  services('Region', regional, [scope.region]),
  keysOf([scope.region]),
  ...withNames(facts.accountId, named(scope)),
  {
    sid: 'MachineImages',
    actions: ['ssm:GetParameter', 'ssm:GetParameters'],
    resources: [`arn:aws:ssm:${scope.region}::parameter/aws/service/*`],
  },
  {
    sid: 'OwnRunner',
    actions: ['codebuild:*'],
    resources: [interpolate`arn:aws:codebuild:${scope.region}:${facts.accountId}:project/${named(scope)}-*`],
  },
  {
    sid: 'OwnDocuments',
    actions: [
      'Create*',
      'Delete*',
      'Describe*',
      'Get*',
      'Update*',
      'ListTagsForResource',
      'AddTagsToResource',
      'RemoveTagsFromResource',
    ].map((action) => `ssm:${action}`),
    resources: [interpolate`arn:aws:ssm:${scope.region}:${facts.accountId}:document/${named(scope)}-*`],
  },
  {
    sid: 'OwnNames',
    actions: ['route53:ChangeResourceRecordSets', 'route53:GetHostedZone', 'route53:ListResourceRecordSets'],
    resources: [zoneArn],
    conditions: {
      'ForAllValues:StringLike': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [`*.${scope.region}.${scope.cloud.domain}`],
      },
    },
  },
  ...limits(facts),
]

/** To make and change what the regions share, and what joins them. */
export const sharedRights = (facts: Facts): readonly InputStatement[] => {
  const { regions } = facts.primary.policy
  return [
    ...writeState(facts),
    // Route 53 and IAM answer from us-east-1, wherever the regions are.
    services('Shared', [...regional, ...once], [...new Set([...regions, 'us-east-1'])]),
    keysOf(regions),
    ...withNames(facts.accountId, `nd-${facts.primary.environment}`),
    ...limits(facts),
  ]
}

import { type Input, interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'

/** The regions that a role works in, and how the names of what it makes begin. */
export interface Reach {
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
export const own = (services: readonly NamedService[], reach: Reach): readonly InputStatement[] => [
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
  // The state's bucket is none of these. A person makes and sets buckets: `bucketsStay`.
  {
    sid: 'OwnBuckets',
    actions: ['s3:Get*', 's3:List*', 's3:PutBucketTagging', 's3:TagResource', 's3:UntagResource'],
    resources: reach.regions.map((region) => `arn:aws:s3:::nd-${reach.environment}-${region}-*`),
  },
]

/** What is done with things whose ids nobody knows before: in the role's regions alone. */
export const byId = (sid: string, service: string, actions: readonly string[], reach: Reach): InputStatement => ({
  sid,
  actions: actions.map((action) => `${service}:${action}`),
  resources: ['*'],
  conditions: within(reach),
  reason: 'Their ids cannot be named before; the region bounds them, and what never may be done.',
})

/** A group's content is not among it. */
export const logGroups = (reach: Reach): InputStatement =>
  byId(
    'LogGroups',
    'logs',
    [
      'AssociateKmsKey',
      'CreateLogDelivery',
      'CreateLogGroup',
      'DeleteLogDelivery',
      'DeleteLogGroup',
      'DeleteRetentionPolicy',
      'DescribeLogGroups',
      'DescribeResourcePolicies',
      'DisassociateKmsKey',
      'GetLogDelivery',
      'ListLogDeliveries',
      'ListTagsForResource',
      'PutResourcePolicy',
      'PutRetentionPolicy',
      'TagResource',
      'UntagResource',
      'UpdateLogDelivery',
    ],
    reach,
  )

/** Services that a workflow has things made of under our keys. S3 is none: no workflow reads or writes what customers sent. */
export const keepers = ['ec2', 'ecr', 'eks', 'elasticache', 'kafka'] as const

/** To make keys, and to use them through services alone. Whose data a key protects, its own policy says. */
export const keys = (reach: Reach): readonly InputStatement[] => {
  const { StringEquals } = within(reach)
  return [
    {
      sid: 'Keys',
      actions: [
        'kms:CreateAlias',
        'kms:CreateKey',
        'kms:DeleteAlias',
        'kms:DescribeKey',
        'kms:EnableKeyRotation',
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
      conditions: { StringEquals },
    },
    {
      sid: 'KeysThroughServices',
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: {
        StringEquals,
        StringLike: { 'kms:ViaService': keepers.map((service) => `${service}.*.amazonaws.com`) },
      },
    },
    {
      sid: 'GrantsToServices',
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: { StringEquals, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ]
}

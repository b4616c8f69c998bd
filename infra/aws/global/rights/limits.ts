import { interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import { named } from '../../scope.ts'
import { keepers } from './reach.ts'
import { type Facts, stateKeyAlias } from './state.ts'

/** No workflow reads, writes or deletes what customers sent, nor the trail of who did what. */
export const noData = ({ primary }: Facts): InputStatement => ({
  sid: 'NoData',
  effect: 'Deny',
  actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
  resources: primary.policy.regions.map((region) => `arn:aws:s3:::${named({ ...primary, region }, '*')}`),
})

/** Nor what is in topics, logs and secrets. */
export const noContent: InputStatement = {
  sid: 'NoContent',
  effect: 'Deny',
  actions: [
    'kafka-cluster:*',
    'logs:FilterLogEvents',
    'logs:GetLogEvents',
    'logs:StartQuery',
    'secretsmanager:GetSecretValue',
  ],
  resources: ['*'],
}

/** What a workflow never does: it ends data, or lifts what protects it. A person does, with other credentials and a second pair of eyes. */
export const endsData: InputStatement = {
  sid: 'NeverEndsData',
  effect: 'Deny',
  actions: [
    'acm-pca:DeleteCertificateAuthority',
    'cloudtrail:DeleteTrail',
    'cloudtrail:StopLogging',
    'ecr:DeleteRepository',
    'eks:DeleteCluster',
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

/** Nor does it say anew how a bucket keeps what is in it: for how long, in how many versions, under which key, where the copies go, who is let in. */
export const bucketsStay: InputStatement = {
  sid: 'BucketsStay',
  effect: 'Deny',
  actions: [
    's3:CreateBucket',
    's3:Put*Configuration',
    's3:PutBucketAcl',
    's3:PutBucketOwnershipControls',
    's3:PutBucketPolicy',
    's3:PutBucketPublicAccessBlock',
    's3:PutBucketVersioning',
  ],
  resources: ['*'],
}

/** Disks come, go and are copied by the driver in the cluster, whose role has these rights; no workflow needs one. */
const disksStay: InputStatement = {
  sid: 'DisksStay',
  effect: 'Deny',
  actions: [
    'AttachVolume',
    'CopySnapshot',
    'CreateReplaceRootVolumeTask',
    'CreateSnapshot',
    'CreateSnapshots',
    'DeleteSnapshot',
    'DeleteVolume',
    'DetachVolume',
    'ModifySnapshotAttribute',
  ].map((action) => `ec2:${action}`),
  resources: ['*'],
}

/**
 * Nobody decrypts by himself, also where a key's policy that he wrote would let him: services do, and the key of the state is the one exception. So
 * its alias stays where it is, and no other key gets its name in another region.
 */
const noBareKeys = ({ primary, accountId }: Facts): readonly InputStatement[] => {
  const alias = stateKeyAlias(primary.environment)
  return [
    {
      sid: 'NoBareKeys',
      effect: 'Deny',
      actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: {
        StringNotLike: { 'kms:ViaService': keepers.map((service) => `${service}.*.amazonaws.com`) },
        'ForAllValues:StringNotEquals': { 'kms:ResourceAliases': alias },
      },
    },
    {
      sid: 'NoBareGrants',
      effect: 'Deny',
      actions: ['kms:CreateGrant'],
      resources: ['*'],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'false' } },
    },
    {
      sid: 'StateAliasStays',
      effect: 'Deny',
      actions: ['kms:CreateAlias', 'kms:DeleteAlias', 'kms:UpdateAlias'],
      resources: [interpolate`arn:aws:kms:*:${accountId}:${alias}`],
    },
  ]
}

/** A workflow is one role, also where the trust of another, which it made, would let it in. */
const noOtherRole: InputStatement = {
  sid: 'NoOtherRole',
  effect: 'Deny',
  actions: ['sts:AssumeRole'],
  resources: ['*'],
}

/** No role of CI makes itself or another role of CI stronger, and none makes credentials that last. */
export const staysSmall = ({ primary, accountId }: Facts): InputStatement => ({
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
    interpolate`arn:aws:iam::${accountId}:policy/nd-${primary.environment}-ci-*`,
    interpolate`arn:aws:iam::${accountId}:oidc-provider/*`,
    interpolate`arn:aws:iam::${accountId}:user/*`,
    interpolate`arn:aws:iam::${accountId}:group/*`,
  ],
})

/** What no role that changes something ever does, whatever its rights say. A policy by itself: beside all that they may do, a role has no room for it. */
export const limits = (facts: Facts): readonly InputStatement[] => [
  endsData,
  bucketsStay,
  disksStay,
  ...noBareKeys(facts),
  noOtherRole,
  noData(facts),
  noContent,
  staysSmall(facts),
]

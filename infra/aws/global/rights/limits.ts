import { interpolate } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import { named } from '../../scope.ts'
import type { Facts } from './state.ts'

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

/** What holds for every role that changes something. */
export const limits = (facts: Facts): readonly InputStatement[] => [
  endsData,
  noData(facts),
  noContent,
  staysSmall(facts),
]

import { type Input, interpolate, type Output } from '@pulumi/pulumi'
import type { InputStatement } from '../../iam/document.ts'
import type { AwsScope } from '../../scope.ts'

/** Where Pulumi keeps the stacks of an environment, and the name of the key for the secrets in them. Made once by hand: docs/aws-data.md. */
export const stateBucket = (environment: string, accountId: Input<string>): Output<string> =>
  interpolate`nd-${environment}-pulumi-${accountId}`
export const stateKeyAlias = (environment: string): string => `alias/nd-${environment}-pulumi`

/** Pulumi.yaml's. */
const project = 'neurodefender'

/** What every right of CI is a function of. */
export interface Facts {
  /** Of the primary region, which has the state. */
  readonly primary: AwsScope
  readonly accountId: Input<string>
}

/** To read what Pulumi knows of the environment's stacks, their secrets included: a preview compares with it. */
export const readState = ({ primary, accountId }: Facts): readonly InputStatement[] => {
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
      conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': stateKeyAlias(primary.environment) } },
    },
  ]
}

/** Where the backend of Pulumi keeps what belongs to one stack: its state, history, backups and lock. */
const filesOf = (stack: string): readonly string[] => [
  `stacks/${project}/${stack}.json*`,
  `history/${project}/${stack}/*`,
  `backups/${project}/${stack}/*`,
  `locks/organization/${project}/${stack}/*`,
]

/** To write that of some stacks, and no other's: what one stack declares, others believe. */
export const writeState = (facts: Facts, stacks: readonly string[]): readonly InputStatement[] => {
  const { primary, accountId } = facts
  const bucket = stateBucket(primary.environment, accountId)
  return [
    ...readState(facts),
    {
      sid: 'StateWrite',
      actions: ['s3:PutObject', 's3:DeleteObject'],
      resources: stacks.flatMap(filesOf).map((file) => interpolate`arn:aws:s3:::${bucket}/.pulumi/${file}`),
    },
    {
      sid: 'StateEncrypt',
      actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
      resources: [interpolate`arn:aws:kms:${primary.region}:${accountId}:key/*`],
      conditions: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': stateKeyAlias(primary.environment) } },
    },
  ]
}

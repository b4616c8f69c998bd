import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi'
import { documentOf, type InputStatement } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import { trailMayEncrypt } from './trail.ts'

export interface DataKeyArgs {
  /** Of every region of the environment; the first is where the key is made. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly accountId: Input<string>
}

/** Services of AWS that keep data of ours under the key. */
const keepers = ['ec2', 'ecr', 'eks', 'elasticache', 'kafka', 's3']

/** After somebody asks for the key's end: the longest that KMS lets others object. */
const deletionWindowInDays = 30

/**
 * The key that an environment's data lies under: one key with a replica in each region, so that what is copied can be read where it
 * arrives, and no region needs another to be up. KMS renews it every year. Nobody uses it directly: only services of AWS that keep data
 * do, for roles that IAM lets.
 */
export class DataKey extends ComponentResource {
  /** By region. */
  readonly arns: Readonly<Record<string, Output<string>>>

  constructor(name: string, { scopes, accountId }: DataKeyArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:DataKey', name, {}, options)
    const kept = { parent: this, protect: true, retainOnDelete: true }
    const [first, ...others] = scopes
    const common = (scope: AwsScope) => ({
      description: `Data of ${scope.environment}`,
      deletionWindowInDays,
      policy: documentOf(...rights(scope, accountId), ...(scope === first ? [trailMayEncrypt(first, accountId)] : [])),
      region: scope.region,
      tags: tags(scope, 'global'),
    })
    const key = new aws.kms.Key(
      named(first, 'data'),
      { ...common(first), multiRegion: true, enableKeyRotation: true },
      kept,
    )
    const keys = [
      { scope: first, arn: key.arn, keyId: key.keyId },
      ...others.map((scope) => {
        const replica = new aws.kms.ReplicaKey(named(scope, 'data'), { ...common(scope), primaryKeyArn: key.arn }, kept)
        return { scope, arn: replica.arn, keyId: replica.keyId }
      }),
    ]
    for (const { scope, keyId } of keys)
      new aws.kms.Alias(
        named(scope, 'data'),
        { name: `alias/${named(scope, 'data')}`, targetKeyId: keyId, region: scope.region },
        { parent: this },
      )
    this.arns = Object.fromEntries(keys.map(({ scope, arn }) => [scope.region, arn]))
    this.registerOutputs({ arns: this.arns })
  }
}

/** In the policy of a key * is that key. The account's own policies say which of its roles may do what is open to the account here. */
function rights({ region }: AwsScope, accountId: Input<string>): readonly InputStatement[] {
  const account = { AWS: [interpolate`arn:aws:iam::${accountId}:root`] }
  const resources = ['*']
  const use = [
    'Encrypt',
    'Decrypt',
    'ReEncryptFrom',
    'ReEncryptTo',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
  ]
  return [
    {
      sid: 'Administer',
      principals: account,
      actions: [
        'Describe*',
        'Get*',
        'List*',
        'Put*',
        'Enable*',
        'Disable*',
        'TagResource',
        'UntagResource',
        'Update*',
        'CreateAlias',
        'DeleteAlias',
        'CreateKey',
        'ReplicateKey',
        'RevokeGrant',
        'ScheduleKeyDeletion',
        'CancelKeyDeletion',
      ].map((action) => `kms:${action}`),
      resources,
      reason: 'Who may change the key may not read with it.',
    },
    {
      sid: 'UseThroughServices',
      principals: account,
      actions: [...use, 'DescribeKey'].map((action) => `kms:${action}`),
      resources,
      conditions: {
        StringEquals: { 'kms:ViaService': keepers.map((service) => `${service}.${region}.amazonaws.com`) },
      },
    },
    {
      sid: 'GrantToServices',
      principals: account,
      actions: ['kms:CreateGrant'],
      resources,
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    {
      sid: 'Logs',
      principals: { Service: [`logs.${region}.amazonaws.com`] },
      actions: [...use, 'DescribeKey'].map((action) => `kms:${action}`),
      resources,
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': interpolate`arn:aws:logs:${region}:${accountId}:log-group:*` },
      },
    },
  ]
}

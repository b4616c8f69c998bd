import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from '@pulumi/pulumi'
import { documentOf } from '../iam/document.ts'
import { accountOwnsKey } from '../iam/key.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface LogKeyArgs {
  readonly scope: AwsScope
}

/** The key under which CloudWatch Logs keeps the logs of a region: network, control plane, brokers, firewalls. */
export class LogKey extends ComponentResource {
  readonly arn: Output<string>

  constructor(name: string, { scope }: LogKeyArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:LogKey', name, {}, options)
    const { accountId } = aws.getCallerIdentityOutput({}, { parent: this })
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Logs of ${scope.environment} in ${scope.region}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: documentOf(accountOwnsKey(accountId), {
          sid: 'LogsOfThisAccount',
          actions: [
            'kms:Encrypt',
            'kms:Decrypt',
            'kms:ReEncryptFrom',
            'kms:ReEncryptTo',
            'kms:GenerateDataKey',
            'kms:GenerateDataKeyWithoutPlaintext',
            'kms:DescribeKey',
          ],
          resources: ['*'],
          principals: { Service: [`logs.${scope.region}.amazonaws.com`] },
          conditions: {
            ArnLike: {
              'kms:EncryptionContext:aws:logs:arn': interpolate`arn:aws:logs:${scope.region}:${accountId}:log-group:*`,
            },
          },
        }),
        tags: tags(scope, 'logs', { Name: named(scope, 'logs') }),
      },
      { parent: this, protect: true, retainOnDelete: true },
    )
    new aws.kms.Alias(
      `${name}-alias`,
      { name: `alias/${named(scope, 'logs')}`, targetKeyId: key.keyId },
      { parent: this },
    )
    this.arn = key.arn
    this.registerOutputs({ arn: this.arn })
  }
}

import aws from '@pulumi/aws'
import type { CustomResourceOptions, Input } from '@pulumi/pulumi'
import { type AwsScope, tags } from '../scope.ts'
import { retentionDays } from './retention.ts'

export interface LogGroupArgs {
  readonly scope: AwsScope
  /** Folder name of the component that writes. */
  readonly component: string
  /** What CloudWatch calls it: '/aws/eks/…'. */
  readonly path: string
  readonly keyArn: Input<string>
  /** Default: the provider's. */
  readonly region?: string
}

/** A place for logs: encrypted, and kept as long as the policy says. */
export const logGroup = (
  name: string,
  { scope, component, path, keyArn, region }: LogGroupArgs,
  options?: CustomResourceOptions,
): aws.cloudwatch.LogGroup =>
  new aws.cloudwatch.LogGroup(
    name,
    {
      name: path,
      retentionInDays: retentionDays(scope.cloud.logRetention),
      kmsKeyId: keyArn,
      ...(region ? { region } : {}),
      tags: tags(scope, component, { Name: path }),
    },
    options,
  )

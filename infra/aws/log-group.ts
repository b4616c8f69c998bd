import aws from '@pulumi/aws'
import type { CustomResourceOptions, Input } from '@pulumi/pulumi'
import { seconds } from '../../policies/model/units.ts'
import { type AwsScope, named, tags } from './scope.ts'

/** What CloudWatch knows how to keep, in days. */
const choices = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** Days that logs are kept: the next choice of CloudWatch from the policy on. Throws RangeError for more than ten years. */
export function logRetentionDays({ cloud, environment }: AwsScope): number {
  const days = choices.find((choice) => choice >= seconds(cloud.logRetention) / 86_400)
  if (days === undefined)
    throw new RangeError(`cloud.${environment}.logRetention (${cloud.logRetention}) must be at most 3653d.`)
  return days
}

export interface LogGroupArgs {
  /** What writes it: the log group's name ends with it. */
  readonly of: string
  /** The component's folder name. */
  readonly component: string
  /** ARN of the key of the log group's region. */
  readonly keyArn: Input<string>
  /** For writers that demand a beginning of the name. Default: none. */
  readonly prefix?: string
  /** Default: the provider's. */
  readonly region?: string
}

/** A log group of CloudWatch: encrypted, and kept as long as the policy says. */
export function logGroup(scope: AwsScope, args: LogGroupArgs, options: CustomResourceOptions): aws.cloudwatch.LogGroup {
  const name = `${args.prefix ?? ''}${named(scope, args.of)}`
  return new aws.cloudwatch.LogGroup(
    name,
    {
      name,
      retentionInDays: logRetentionDays(scope),
      kmsKeyId: args.keyArn,
      ...(args.region ? { region: args.region } : {}),
      tags: tags(scope, args.component),
    },
    options,
  )
}

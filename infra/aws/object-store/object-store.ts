import { ComponentResource, type ComponentResourceOptions, type Input } from '@pulumi/pulumi'
import { type AwsScope, named } from '../scope.ts'
import type { IBucket } from '../types.ts'
import { Bucket, days } from './bucket.ts'

export interface ObjectStoreArgs {
  readonly scope: AwsScope
  /** The account's number. */
  readonly accountId: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
}

/** The longest name of a bucket, and the length of an account's number. */
const longestName = 63
const accountDigits = 12

function problemsOf(scope: AwsScope): string[] {
  const { buckets, objectives } = scope.policies
  return Object.entries(buckets).flatMap(([key, { dataClass, cheaper }]) => {
    const problems: string[] = []
    const length = named(scope, key).length + 1 + accountDigits
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(key))
      problems.push(`buckets.${key}: its key must be lower-case letters, digits and dashes.`)
    if (length > longestName)
      problems.push(`buckets.${key}: its name would have ${length} characters; S3 takes ${longestName}.`)
    if (!objectives.dataClasses[dataClass])
      problems.push(`buckets.${key}.dataClass (${dataClass}) must be a data class.`)
    if (cheaper && !(Number.isInteger(days(cheaper.after)) && days(cheaper.after) > 0))
      problems.push(`buckets.${key}.cheaper.after (${cheaper.after}) must be whole days.`)
    if (cheaper?.storageClass === 'STANDARD_IA' && days(cheaper.after) < 30)
      problems.push(`buckets.${key}.cheaper.after (${cheaper.after}) must be at least 30d for STANDARD_IA.`)
    return problems
  })
}

/**
 * The buckets of a region, one for each key of `policies.buckets`, locked where the data class asks for it.
 * Throws RangeError with everything that is wrong with the policies.
 */
export class ObjectStore extends ComponentResource {
  /** By key of `policies.buckets`. */
  readonly buckets: Readonly<Record<string, IBucket>>

  constructor(name: string, args: ObjectStoreArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:ObjectStore', name, {}, options)
    const { scope, accountId, keyArn } = args
    const problems = problemsOf(scope)
    if (problems.length > 0) throw new RangeError(problems.join('\n'))
    this.buckets = Object.fromEntries(
      Object.entries(scope.policies.buckets).map(([key, { dataClass, cheaper }]) => {
        const { name, arn } = new Bucket(
          named(scope, key),
          {
            scope,
            key,
            accountId,
            keyArn,
            lock: scope.policies.objectives.dataClasses[dataClass]?.lock,
            cheaper,
            component: 'object-store',
            tags: { DataClass: dataClass },
          },
          { parent: this },
        )
        return [key, { name, arn }]
      }),
    )
    this.registerOutputs({ buckets: this.buckets })
  }
}

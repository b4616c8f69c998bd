import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate } from '@pulumi/pulumi'
import type { BucketPolicy } from '../../../policies/model/storage.ts'
import { seconds } from '../../../policies/model/units.ts'
import { documentOf } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { IBucket } from '../types.ts'

export interface ObjectStoreArgs {
  readonly scope: AwsScope
  /** The account's number: bucket names are unique among all accounts. */
  readonly accountId: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
}

/** Parts of an upload that nobody finished are no object, and nobody can read them. */
const abortUploadsAfterDays = 7
/** The longest name of a bucket, and the length of an account's number. */
const longestName = 63
const accountDigits = 12

const days = (duration: BucketPolicy['cheaper'] & object): number => seconds(duration.after) / 86_400

function problemsOf({ environment, policies, ...scope }: AwsScope): string[] {
  const { dataClasses } = policies.objectives
  return Object.entries(policies.buckets).flatMap(([key, { dataClass, cheaper }]) => {
    const problems: string[] = []
    const length = named({ environment, policies, ...scope }, key).length + 1 + accountDigits
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(key))
      problems.push(`buckets.${key}: its key must be lower-case letters, digits and dashes.`)
    if (length > longestName)
      problems.push(`buckets.${key}: its name would have ${length} characters; S3 takes ${longestName}.`)
    if (!dataClasses[dataClass]) problems.push(`buckets.${key}.dataClass (${dataClass}) must be a data class.`)
    if (cheaper && !(Number.isInteger(days(cheaper)) && days(cheaper) > 0))
      problems.push(`buckets.${key}.cheaper.after (${cheaper.after}) must be whole days.`)
    if (cheaper?.storageClass === 'STANDARD_IA' && days(cheaper) < 30)
      problems.push(`buckets.${key}.cheaper.after (${cheaper.after}) must be at least 30d for STANDARD_IA.`)
    return problems
  })
}

/**
 * The buckets of a region, one for each key of `policies.buckets`: versioned, encrypted with the data key, closed to the public and to
 * plain HTTP, and locked where the data class asks for it. Nothing in them ever expires; objects only change their storage class.
 * Throws RangeError with everything that is wrong with the bucket policies.
 */
export class ObjectStore extends ComponentResource {
  /** By key of `policies.buckets`. */
  readonly buckets: Readonly<Record<string, IBucket>>

  constructor(name: string, args: ObjectStoreArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:ObjectStore', name, {}, options)
    const problems = problemsOf(args.scope)
    if (problems.length > 0) throw new RangeError(problems.join('\n'))
    this.buckets = Object.fromEntries(
      Object.entries(args.scope.policies.buckets).map(([key, policy]) => [key, this.#bucket(key, policy, args)]),
    )
    this.registerOutputs({ buckets: this.buckets })
  }

  #bucket(key: string, policy: BucketPolicy, { scope, accountId, keyArn }: ObjectStoreArgs): IBucket {
    const name = named(scope, key)
    const own = { parent: this }
    const { lock } = scope.policies.objectives.dataClasses[policy.dataClass]!
    const bucket = new aws.s3.Bucket(
      name,
      {
        bucket: interpolate`${name}-${accountId}`,
        // Only a bucket that is new can be given it.
        objectLockEnabled: lock !== undefined,
        tags: tags(scope, 'object-store', { DataClass: policy.dataClass }),
      },
      { ...own, protect: true, retainOnDelete: true },
    )
    const id = { bucket: bucket.id }
    const versioning = new aws.s3.BucketVersioning(
      name,
      { ...id, versioningConfiguration: { status: 'Enabled' } },
      // The provider suspends versions when this goes, and the copies in other regions need them.
      { ...own, protect: true, retainOnDelete: true },
    )
    if (lock)
      new aws.s3.BucketObjectLockConfiguration(
        name,
        { ...id, rule: { defaultRetention: { mode: 'COMPLIANCE', days: Math.ceil(seconds(lock) / 86_400) } } },
        { ...own, dependsOn: [versioning], protect: true, retainOnDelete: true },
      )
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      {
        ...id,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      own,
    )
    new aws.s3.BucketOwnershipControls(name, { ...id, rule: { objectOwnership: 'BucketOwnerEnforced' } }, own)
    const closed = new aws.s3.BucketPublicAccessBlock(
      name,
      { ...id, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      own,
    )
    new aws.s3.BucketPolicy(
      name,
      {
        ...id,
        policy: documentOf(
          ...[
            { sid: 'OnlyTls', conditions: { Bool: { 'aws:SecureTransport': 'false' } } },
            { sid: 'OnlyTls12', conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
          ].map(({ sid, conditions }) => ({
            sid,
            effect: 'Deny' as const,
            principals: '*' as const,
            actions: ['s3:*'],
            resources: [bucket.arn, interpolate`${bucket.arn}/*`],
            conditions,
          })),
        ),
      },
      { ...own, dependsOn: [closed] },
    )
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { ...id, rules: rulesOf(policy) },
      { ...own, dependsOn: [versioning] },
    )
    return { name: bucket.bucket, arn: bucket.arn }
  }
}

/** Never an expiry: only the ledger of the tier mover deletes. */
function rulesOf({ cheaper }: BucketPolicy): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const unfinished = {
    id: 'abort-unfinished-uploads',
    status: 'Enabled',
    filter: { prefix: '' },
    abortIncompleteMultipartUpload: { daysAfterInitiation: abortUploadsAfterDays },
  }
  if (!cheaper) return [unfinished]
  const { storageClass } = cheaper
  return [
    unfinished,
    {
      id: 'cheaper',
      status: 'Enabled',
      filter: { prefix: '' },
      transitions: [{ days: days(cheaper), storageClass }],
      noncurrentVersionTransitions: [{ noncurrentDays: days(cheaper), storageClass }],
    },
  ]
}

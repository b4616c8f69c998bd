import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi'
import type { BucketPolicy } from '../../../policies/model/storage.ts'
import { type Duration, seconds } from '../../../policies/model/units.ts'
import { documentOf, type InputStatement } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { IBucket } from '../types.ts'

export interface BucketArgs {
  readonly scope: AwsScope
  /** The last part of its name, before the account's number. */
  readonly key: string
  /** The account's number: names of buckets are unique among all accounts. */
  readonly accountId: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
  /** For so long nobody can delete an object, the account's owner included. Default: versions alone protect it. */
  readonly lock?: Duration | undefined
  /** Default: objects stay as they are. */
  readonly cheaper?: BucketPolicy['cheaper']
  /** What a service of AWS may do in it, given its ARN. Default: IAM alone says who may. */
  readonly allow?: (arn: Output<string>) => readonly InputStatement[]
  /** Default: the provider's. */
  readonly region?: string
  /** Folder name of the component that has it. */
  readonly component: string
  readonly tags?: Readonly<Record<string, string>>
}

/** Parts of an upload that nobody finished are no object, and nobody can read them. */
const abortUploadsAfterDays = 7

/** Whole days, or a fraction. */
export const days = (duration: Duration): number => seconds(duration) / 86_400

/**
 * A bucket: versioned, encrypted with the data key, ours alone, closed to the public and to plain HTTP, protected, and there when its
 * stack is gone. Nothing in it ever expires; objects only change their storage class.
 */
export class Bucket extends ComponentResource implements IBucket {
  readonly name: Output<string>
  readonly arn: Output<string>

  constructor(name: string, args: BucketArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Bucket', name, {}, options)
    const { scope, key, accountId, keyArn, lock, cheaper, allow, component } = args
    const own = { parent: this }
    const kept = { parent: this, protect: true, retainOnDelete: true }
    const there = args.region ? { region: args.region } : {}
    const bucket = new aws.s3.Bucket(
      name,
      {
        bucket: interpolate`${named(scope, key)}-${accountId}`,
        // Only a bucket that is new can be given it.
        objectLockEnabled: lock !== undefined,
        ...there,
        tags: tags(scope, component, args.tags),
      },
      kept,
    )
    const id = { bucket: bucket.id, ...there }
    const versioning = new aws.s3.BucketVersioning(
      name,
      { ...id, versioningConfiguration: { status: 'Enabled' } },
      // The provider suspends versions when this goes, and the copies in other regions need them.
      kept,
    )
    if (lock)
      new aws.s3.BucketObjectLockConfiguration(
        name,
        { ...id, rule: { defaultRetention: { mode: 'COMPLIANCE', days: Math.ceil(days(lock)) } } },
        { ...kept, dependsOn: [versioning] },
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
      { ...id, policy: documentOf(...onlyTls(bucket.arn), ...(allow?.(bucket.arn) ?? [])) },
      { ...own, dependsOn: [closed] },
    )
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { ...id, rules: rulesOf(cheaper) },
      { ...own, dependsOn: [versioning] },
    )
    this.name = bucket.bucket
    this.arn = bucket.arn
    this.registerOutputs({ name: this.name, arn: this.arn })
  }
}

const onlyTls = (arn: Output<string>): readonly InputStatement[] =>
  [
    { sid: 'OnlyTls', conditions: { Bool: { 'aws:SecureTransport': 'false' } } },
    { sid: 'OnlyTls12', conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
  ].map(({ sid, conditions }) => ({
    sid,
    effect: 'Deny',
    principals: '*',
    actions: ['s3:*'],
    resources: [arn, interpolate`${arn}/*`],
    conditions,
  }))

/** Never an expiry: only the ledger of the tier mover deletes. */
function rulesOf(cheaper: BucketPolicy['cheaper']): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const rule = { status: 'Enabled', filter: { prefix: '' } }
  const unfinished = {
    ...rule,
    id: 'abort-unfinished-uploads',
    abortIncompleteMultipartUpload: { daysAfterInitiation: abortUploadsAfterDays },
  }
  if (!cheaper) return [unfinished]
  const { storageClass, after } = cheaper
  return [
    unfinished,
    {
      ...rule,
      id: 'cheaper',
      transitions: [{ days: days(after), storageClass }],
      noncurrentVersionTransitions: [{ noncurrentDays: days(after), storageClass }],
    },
  ]
}

import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, output } from '@pulumi/pulumi'
import { milliseconds } from '../../../policies/model/units.ts'
import { replicationEdges } from '../../../policies/residency.ts'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf, type InputStatement, trustOfService } from '../iam/document.ts'
import { type AwsScope, named, tags } from '../scope.ts'

/** A bucket with the key that its objects are encrypted with. */
export interface BucketEnd {
  readonly region: string
  readonly name: Input<string>
  readonly arn: Input<string>
  /** ARN of the data key of its region. */
  readonly keyArn: Input<string>
}

export interface BucketReplicationArgs {
  /** Of the region that is copied from. */
  readonly scope: AwsScope
  /** Key of `policies.buckets`. */
  readonly bucket: string
  readonly from: BucketEnd
  /** Every region that gets a copy: a bucket has one set of rules. */
  readonly to: readonly BucketEnd[]
}

/** S3 promises 99.9 % of objects within it, measures it, and knows no other time. */
const promisedMinutes = 15

function problemsOf({ scope, bucket, from, to }: BucketReplicationArgs): string[] {
  const edges = replicationEdges(scope.policies, scope.environment)
  const dataClass = scope.policies.buckets[bucket]?.dataClass ?? ''
  const rpo = scope.policies.objectives.dataClasses[dataClass]?.rpo
  return [
    ...(scope.region === from.region ? [] : [`scope.region (${scope.region}) must be that of 'from', ${from.region}.`]),
    ...(to.length > 0 ? [] : [`'${bucket}' of ${from.region} is copied to no region.`]),
    ...to
      .filter(
        (end) =>
          !edges.some(
            (edge) =>
              edge.what === 'bucket' && edge.name === bucket && edge.from === from.region && edge.to === end.region,
          ),
      )
      .map(
        (end) =>
          `'${bucket}' must not be copied from ${from.region} to ${end.region}: no edge of the policies leads there.`,
      ),
    ...(rpo && milliseconds(rpo) < promisedMinutes * 60_000
      ? [`objectives.dataClasses.${dataClass}.rpo (${rpo}) must be at least ${promisedMinutes}m: S3 promises no less.`]
      : []),
  ]
}

/**
 * Copies every new object of a bucket to the same bucket of other regions within fifteen minutes (Replication Time Control), encrypted there
 * with that region's key. Delete markers are not copied: an object that one region loses by mistake is still in the other, and the tier
 * mover's ledger deletes in each region by itself. Throws RangeError with everything that is wrong.
 */
export class BucketReplication extends ComponentResource {
  constructor(name: string, args: BucketReplicationArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:BucketReplication', name, {}, options)
    const problems = problemsOf(args)
    if (problems.length > 0) throw new RangeError(problems.join('\n'))
    const { scope, bucket, from, to } = args
    const id = named(scope, bucket, 'copies')
    const own = { parent: this }
    const role = new aws.iam.Role(
      id,
      {
        name: id,
        description: `Copies ${bucket} of ${from.region} to other regions`,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: output(from.arn).apply((arn) =>
          trustOfService('s3.amazonaws.com', { ArnEquals: { 'aws:SourceArn': arn } }),
        ),
        tags: tags(scope, 'object-store'),
      },
      own,
    )
    const policy = new aws.iam.RolePolicy(
      id,
      { role: role.name, name: 'replicate', policy: documentOf(...rights(from, to)) },
      own,
    )
    new aws.s3.BucketReplicationConfig(
      id,
      {
        bucket: from.name,
        role: role.arn,
        region: from.region,
        rules: to.map((end, i) => ({
          id: `to-${end.region}`,
          priority: i + 1,
          status: 'Enabled',
          filter: { prefix: '' },
          deleteMarkerReplication: { status: 'Disabled' },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
          destination: {
            bucket: end.arn,
            encryptionConfiguration: { replicaKmsKeyId: end.keyArn },
            replicationTime: { status: 'Enabled', time: { minutes: promisedMinutes } },
            metrics: { status: 'Enabled', eventThreshold: { minutes: promisedMinutes } },
          },
        })),
      },
      { ...own, dependsOn: [policy] },
    )
    this.registerOutputs()
  }
}

/** Read the source, write the copies, and nothing else; keys only through S3 of their region. */
function rights(from: BucketEnd, to: readonly BucketEnd[]): readonly InputStatement[] {
  const key = (end: BucketEnd, sid: string, action: string): InputStatement => ({
    sid,
    actions: [`kms:${action}`],
    resources: [end.keyArn],
    conditions: { StringLike: { 'kms:ViaService': `s3.${end.region}.amazonaws.com` } },
  })
  return [
    {
      sid: 'Rules',
      actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
      resources: [from.arn],
    },
    {
      sid: 'Read',
      actions: [
        's3:GetObjectVersionForReplication',
        's3:GetObjectVersionAcl',
        's3:GetObjectVersionTagging',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
      ],
      resources: [interpolate`${from.arn}/*`],
    },
    {
      sid: 'Write',
      actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
      resources: to.map(({ arn }) => interpolate`${arn}/*`),
    },
    key(from, 'Decrypt', 'Decrypt'),
    ...to.map((end, i) => key(end, `Encrypt${i + 1}`, 'Encrypt')),
  ]
}

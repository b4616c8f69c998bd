import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'
import { Bucket } from '../object-store/bucket.ts'
import { type AwsScope, named, tags } from '../scope.ts'

export interface TrailArgs {
  /** Of every region of the environment, the primary first: there the trail is kept. */
  readonly scopes: readonly [AwsScope, ...AwsScope[]]
  readonly accountId: Input<string>
  /** ARN of the data key of the primary region; its policy must hold `trailMayEncrypt`. */
  readonly keyArn: Input<string>
}

const service = { Service: ['cloudtrail.amazonaws.com'] }

/** Who did what is kept like any other audit. */
const dataClass = 'audit'

const trailName = (scope: AwsScope): string => named(scope, 'trail')

const trailArn = (scope: AwsScope, accountId: Input<string>): Output<string> =>
  interpolate`arn:aws:cloudtrail:${scope.region}:${accountId}:trail/${trailName(scope)}`

/** What the policy of the key must say, so that the trail can be written under it. */
export const trailMayEncrypt = (scope: AwsScope, accountId: Input<string>): InputStatement => ({
  sid: 'Trail',
  principals: service,
  actions: ['kms:GenerateDataKey', 'kms:DescribeKey'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceArn': trailArn(scope, accountId) } },
})

/**
 * Who did what in the account, in every region, and who read or wrote which object of the environment's buckets. It stands in place of S3's
 * own access logs, which come late or not at all and cannot be encrypted with our key. Its bucket is no part of the trail: each entry
 * would make another.
 */
export class Trail extends ComponentResource {
  readonly arn: Output<string>

  constructor(name: string, { scopes, accountId, keyArn }: TrailArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Trail', name, {}, options)
    const [first] = scopes
    const id = trailName(first)
    const { region } = first
    const asTrail = { 'aws:SourceArn': trailArn(first, accountId) }
    const bucket = new Bucket(
      id,
      {
        scope: first,
        key: 'trail',
        accountId,
        keyArn,
        lock: first.policies.objectives.dataClasses[dataClass]?.lock,
        cheaper: { after: '30d', storageClass: 'GLACIER_IR' },
        tags: { DataClass: dataClass },
        region,
        component: 'global',
        allow: (arn) => [
          {
            sid: 'TrailLooks',
            principals: service,
            actions: ['s3:GetBucketAcl'],
            resources: [arn],
            conditions: { StringEquals: asTrail },
          },
          {
            sid: 'TrailWrites',
            principals: service,
            actions: ['s3:PutObject'],
            resources: [interpolate`${arn}/AWSLogs/${accountId}/*`],
            conditions: { StringEquals: { ...asTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
          },
        ],
      },
      { parent: this },
    )
    const objects = scopes.flatMap((scope) =>
      Object.keys(scope.policies.buckets).map((key) => interpolate`arn:aws:s3:::${named(scope, key)}-${accountId}/`),
    )
    const trail = new aws.cloudtrail.Trail(
      id,
      {
        name: id,
        s3BucketName: bucket.name,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        enableLogFileValidation: true,
        kmsKeyId: keyArn,
        advancedEventSelectors: [
          { name: 'Changes and looks', fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] },
          {
            name: 'Objects',
            fieldSelectors: [
              { field: 'eventCategory', equals: ['Data'] },
              { field: 'resources.type', equals: ['AWS::S3::Object'] },
              { field: 'resources.ARN', startsWiths: objects },
            ],
          },
        ],
        region,
        tags: tags(first, 'global'),
      },
      // Its bucket lets it in by a policy.
      { parent: this, dependsOn: [bucket], protect: true, retainOnDelete: true },
    )
    this.arn = trail.arn
    this.registerOutputs({ arn: this.arn })
  }
}

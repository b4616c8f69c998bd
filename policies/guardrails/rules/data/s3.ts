import { type Find, violation } from '../../model/guardrail.ts'
import { type GuardedResource, refersTo } from '../../model/resource.ts'

export const bucketType = 'aws:s3/bucket:Bucket'

/** The resource of one type that belongs to a bucket. */
export const companion = (
  resources: readonly GuardedResource[],
  type: string,
  bucket: GuardedResource,
): GuardedResource | undefined => resources.find((one) => one.type === type && refersTo(one, bucket))

/** Every bucket should have a resource of this type. */
export const withCompanion =
  (type: string, be: string): Find =>
  (resources) =>
    resources
      .filter((one) => one.type === bucketType && !companion(resources, type, one))
      .map((bucket) => violation(bucket, [], `The bucket should have a ${be}.`))

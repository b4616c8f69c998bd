import { type Find, type Violation, violation } from '../../model/guardrail.ts'
import { type GuardedResource, refersTo } from '../../model/resource.ts'

export const bucketType = 'aws:s3/bucket:Bucket'

/** The resource of one type that belongs to a bucket. */
export const companion = (
  resources: readonly GuardedResource[],
  type: string,
  bucket: GuardedResource,
): GuardedResource | undefined => resources.find((one) => one.type === type && refersTo(one, bucket))

/** Every bucket should have a resource of this type, and each of these is judged. */
export const withCompanion =
  (type: string, judge: (companion: GuardedResource) => readonly Violation[]): Find =>
  (resources) => [
    ...resources
      .filter((one) => one.type === bucketType && !companion(resources, type, one))
      .map((bucket) => violation(bucket, [], `The bucket should have a ${type.split(':').at(-1)}.`)),
    ...resources.filter((one) => one.type === type).flatMap(judge),
  ]

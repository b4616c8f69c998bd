import { cloud, type Fixture } from '../../../testing/fixture.ts'

const bucket = cloud('s3/bucket:Bucket', 'cold')
const all = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }
const block = (props: object) =>
  cloud('s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'cold', props, { needs: [bucket] })

export const fixture: Fixture = {
  good: [[bucket, block(all)]],
  bad: [
    { resources: [bucket], says: ['The bucket should have a BucketPublicAccessBlock.'] },
    {
      resources: [bucket, block({ ...all, blockPublicPolicy: false })],
      says: ['blockPublicPolicy should be true; it is false.'],
    },
  ],
}

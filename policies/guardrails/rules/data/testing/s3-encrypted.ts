import { cloud, type Fixture } from '../../../testing/fixture.ts'

const bucket = cloud('s3/bucket:Bucket', 'cold')
const config = (applyServerSideEncryptionByDefault: object) =>
  cloud(
    's3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
    'cold',
    { rules: [{ applyServerSideEncryptionByDefault }] },
    { needs: [bucket] },
  )

export const fixture: Fixture = {
  good: [[bucket, config({ sseAlgorithm: 'aws:kms', kmsMasterKeyId: 'arn:aws:kms:us-east-1:1:key/1' })]],
  bad: [
    { resources: [bucket], says: ['The bucket should have a BucketServerSideEncryptionConfiguration.'] },
    {
      resources: [bucket, config({ sseAlgorithm: 'AES256' })],
      says: [
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm should be 'aws:kms'; it is 'AES256'.",
        'rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId should be the ARN of a KMS key; it is not set.',
      ],
    },
  ],
}

import { cloud, type Fixture } from '../../../testing/fixture.ts'

const lifecycle = (rule: object) => [
  cloud('s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', 'cold', {
    rules: [{ id: 'cheaper', status: 'Enabled', transitions: [{ days: 30, storageClass: 'GLACIER_IR' }], ...rule }],
  }),
]

export const fixture: Fixture = {
  good: [lifecycle({ abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } })],
  bad: [
    {
      resources: lifecycle({ expiration: { days: 365 } }),
      says: ['rules[0] should have no expiration: a bucket would delete what the ledger still counts on.'],
    },
    {
      resources: lifecycle({ noncurrentVersionExpiration: { noncurrentDays: 90 } }),
      says: [
        'rules[0] should have no noncurrentVersionExpiration: a bucket would delete what the ledger still counts on.',
      ],
    },
  ],
}

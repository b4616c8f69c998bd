import { cloud, type Fixture } from '../../../testing/fixture.ts'

const bucket = (DataClass: string) => cloud('s3/bucket:Bucket', 'audit', { tags: { DataClass } })
const lock = (mode: string, days: number) =>
  cloud(
    's3/bucketObjectLockConfiguration:BucketObjectLockConfiguration',
    'audit',
    { rule: { defaultRetention: { mode, days } } },
    { needs: [bucket('audit')] },
  )

export const fixture: Fixture = {
  good: [[bucket('audit'), lock('COMPLIANCE', 400)], [bucket('events')]],
  bad: [
    { resources: [bucket('audit')], says: ["The bucket holds the class 'audit' and should be locked for 400d."] },
    {
      resources: [bucket('audit'), lock('GOVERNANCE', 30)],
      says: [
        "rule.defaultRetention.mode should be 'COMPLIANCE'; it is 'GOVERNANCE'.",
        'rule.defaultRetention.days should cover 400d; it is 30.',
      ],
    },
  ],
}

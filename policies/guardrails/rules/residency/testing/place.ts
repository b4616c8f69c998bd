import { cloud, type Fixture, object } from '../../../testing/fixture.ts'

const bucket = (Region: string, Jurisdiction: string, DataClass: string) => [
  cloud('s3/bucket:Bucket', 'cold', { tags: { Region, Jurisdiction, DataClass } }),
]
const map = (jurisdiction: string) => [
  object('v1', 'ConfigMap', 'siem/settings', {
    metadata: { labels: { 'neurodefender.io/region': 'us-east-1', 'neurodefender.io/jurisdiction': jurisdiction } },
  }),
]

export const fixture: Fixture = {
  changes: { 'regions.eu-west-1': { role: 'dr', jurisdiction: 'eu' } },
  good: [bucket('us-east-1', 'us', 'events'), bucket('eu-west-1', 'eu', 'models'), map('us')],
  bad: [
    {
      resources: bucket('eu-west-1', 'eu', 'events'),
      says: [
        "Data of the class 'events' should not lie in eu-west-1, where the law of 'eu' holds; allowed: local, us.",
      ],
    },
    { resources: map('eu'), says: ["The jurisdiction should be 'us', that of us-east-1, and not 'eu'."] },
  ],
}

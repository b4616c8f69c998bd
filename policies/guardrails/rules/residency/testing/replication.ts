import { unknown } from '../../../model/resource.ts'
import { cloud, type Fixture, object } from '../../../testing/fixture.ts'

const copies = (bucket: string, to: string, arn = `arn:aws:s3:::nd-prod-${to}-cold-123456789012`) => [
  cloud('s3/bucketReplicationConfig:BucketReplicationConfig', 'copies', {
    bucket,
    region: 'us-east-1',
    rules: [{ id: `to-${to}`, destination: { bucket: arn } }],
  }),
]
const replicator = (topic: string, region: string) => [
  cloud('msk/replicator:Replicator', 'kafka', {
    replicationInfoList: {
      targetKafkaClusterArn: `arn:aws:kafka:${region}:123456789012:cluster/kafka/uuid`,
      topicReplications: [{ topicsToReplicates: [topic] }],
    },
  }),
]

const hotTier = (...regions: string[]) => [
  object('clickhouse.altinity.com/v1', 'ClickHouseInstallation', 'data/us-east-1', {
    spec: {
      configuration: {
        zookeeper: { nodes: [{ host: 'keeper-0.eu-west-1.internal.example' }] },
        files: {
          'remote.xml': regions.map((region) => `<host>chi-${region}-0-0.${region}.internal.example</host>`).join(),
        },
      },
    },
  }),
]

export const fixture: Fixture = {
  changes: { 'regions.eu-west-1': { role: 'dr', jurisdiction: 'eu' } },
  good: [
    copies('nd-prod-us-east-1-cold-123456789012', 'us-west-2'),
    copies('nd-prod-us-east-1-models-123456789012', 'eu-west-1'),
    replicator('events\\.raw', 'us-west-2'),
    hotTier('us-east-1', 'us-east-2', 'us-west-2'),
  ],
  bad: [
    {
      resources: hotTier('us-east-1', 'eu-west-1'),
      says: [
        "'siem.events' holds data of the class 'events' and should not be copied to eu-west-1, where the law of 'eu' holds; allowed: local, us.",
      ],
    },
    {
      resources: copies('nd-prod-us-east-1-cold-123456789012', 'eu-west-1', unknown),
      says: [
        "'cold' holds data of the class 'events' and should not be copied to eu-west-1, where the law of 'eu' holds; allowed: local, us.",
      ],
    },
    {
      resources: replicator('events\\.raw', 'eu-west-1'),
      says: [
        "'events.raw' holds data of the class 'events' and should not be copied to eu-west-1, where the law of 'eu' holds; allowed: local, us.",
      ],
    },
    {
      resources: replicator('events\\..*', 'eu-west-1'),
      says: ['events.raw', 'events.dead-letter'].map(
        (topic) =>
          `'${topic}' holds data of the class 'events' and should not be copied to eu-west-1, where the law of 'eu' holds; allowed: local, us.`,
      ),
    },
    {
      resources: replicator('events(', 'us-west-2'),
      says: ["'events(' should be a bucket or a topic of policies/storage.ts: nobody knows which law holds for it."],
    },
    {
      resources: replicator('.*\\.secret', 'us-west-2'),
      says: [
        "'.*\\.secret' should be a bucket or a topic of policies/storage.ts: nobody knows which law holds for it.",
      ],
    },
    {
      resources: copies('nd-prod-us-east-1-cold-123456789012', 'ap-southeast-2'),
      says: [
        "'cold' holds data of the class 'events' and should not be copied to ap-southeast-2, where nobody says which law holds; allowed: local, us.",
      ],
    },
    {
      resources: copies('nd-prod-us-east-1-cold-123456789012', 'elsewhere', unknown),
      says: ["The copy of 'cold' should say which region it goes to."],
    },
  ],
}

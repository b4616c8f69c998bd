import { policies } from '../../../../bundle.ts'
import { cloud, type Fixture } from '../../../testing/fixture.ts'

const pairs = [
  ['us-east-1', 'us-east-2'],
  ['us-east-1', 'us-west-2'],
  ['us-east-2', 'us-west-2'],
] as const
const topics = Object.keys(policies.topics)
const buckets = Object.keys(policies.buckets)
const copies = pairs.flatMap(([from, to]) =>
  buckets.map((key) =>
    cloud('s3/bucketReplicationConfig:BucketReplicationConfig', `${key}-${from}-${to}`, {
      bucket: `nd-prod-${from}-${key}-123456789012`,
      rules: [{ destination: { bucket: `arn:aws:s3:::nd-prod-${to}-${key}-123456789012` } }],
    }),
  ),
)
const replicators = pairs.slice(1).map(([from, to]) =>
  cloud('msk/replicator:Replicator', `kafka-${from}-${to}`, {
    replicationInfoList: {
      sourceKafkaClusterArn: `arn:aws:kafka:${from}:123456789012:cluster/kafka/1`,
      targetKafkaClusterArn: `arn:aws:kafka:${to}:123456789012:cluster/kafka/2`,
      topicReplications: [{ topicsToReplicates: topics.map((topic) => topic.replace('.', '\\.')) }],
    },
  }),
)
const all = [...copies, ...replicators]
const without = (name: string) => all.filter((one) => one.name !== name)

export const fixture: Fixture = {
  stack: 'prod-links',
  good: [all],
  bad: [
    {
      resources: without('cold-us-east-1-us-west-2'),
      says: ["The bucket 'cold' should be copied from us-east-1 to us-west-2, as policies/regions.ts promises."],
    },
    {
      resources: without('kafka-us-east-2-us-west-2'),
      says: topics.map(
        (topic) =>
          `The topic '${topic}' should be copied from us-east-2 to us-west-2, as policies/regions.ts promises.`,
      ),
    },
  ],
}

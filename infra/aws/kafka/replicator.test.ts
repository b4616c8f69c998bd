import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { topics } from '../../../policies/storage.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, only, statements } from '../test/graph.ts'
import { KafkaReplicator, type KafkaReplicatorArgs } from './replicator.ts'

const arn = (region: string) => `arn:aws:kafka:${region}:123456789012:cluster/nd-prod-${region}-kafka/uuid`
const end = (region: string) => ({ region, clusterArn: arn(region), subnetIds: [`subnet-${region}`] })
const scope = awsScope('prod', 'us-west-2', policies)
const args: KafkaReplicatorArgs = {
  scope,
  accountId: '123456789012',
  from: end('us-east-1'),
  to: { ...end('us-west-2'), securityGroupId: 'sg-kafka' },
  logKeyArn: 'arn:key',
}
const program =
  (more: Partial<KafkaReplicatorArgs> = {}) =>
  async () => ({ arn: new KafkaReplicator('copy', { ...args, ...more }).arn })
const graph = await recordGraph('prod-links', program())
const replicator = only(graph, 'msk/replicator:Replicator')

test('it runs where it writes, and reaches the source through MSK itself', () => {
  assert.equal(replicator.region, 'us-west-2')
  assert.deepEqual(replicator.kafkaClusters, [
    { amazonMskCluster: { mskClusterArn: arn('us-east-1') }, vpcConfig: { subnetIds: ['subnet-us-east-1'] } },
    {
      amazonMskCluster: { mskClusterArn: arn('us-west-2') },
      vpcConfig: { subnetIds: ['subnet-us-west-2'], securityGroupsIds: ['sg-kafka'] },
    },
  ])
  const opened = only(graph, 'msk/clusterPolicy:ClusterPolicy')
  assert.deepEqual([opened.region, opened.clusterArn], ['us-east-1', arn('us-east-1')])
  assert.deepEqual(statements(opened.policy).Replicator?.Principal, { Service: ['kafka.amazonaws.com'] })
})

test('every topic and every reader goes along, under the name of where it is from', () => {
  const { topicReplications, consumerGroupReplications } = replicator.replicationInfoList
  assert.deepEqual(
    topicReplications[0].topicsToReplicates,
    Object.keys(topics).map((name) => name.replace('.', '\\.')),
  )
  assert.equal(topicReplications[0].topicNameConfiguration.type, 'PREFIXED_WITH_SOURCE_CLUSTER_ALIAS')
  assert.equal(topicReplications[0].startingPosition.type, 'EARLIEST')
  assert.deepEqual(consumerGroupReplications[0].consumerGroupsToReplicates, [
    'hot-sink',
    'hot-sink\\.alerts',
    'correlation-engine\\..*',
  ])
  assert.equal(consumerGroupReplications[0].synchroniseConsumerGroupOffsets, true)
})

test('its role changes nothing in the source, and knows no other cluster', () => {
  const { Source, Target } = statements(only(graph, 'iam/rolePolicy:RolePolicy').policy)
  assert.ok(
    !Source?.Action.some((action: string) => /:(Write(?!DataIdem)|Create|AlterTopic|AlterCluster|Delete)/.test(action)),
  )
  for (const resource of Source!.Resource)
    assert.match(resource, /:us-east-1:123456789012:(cluster|topic|group)\/nd-prod-us-east-1-kafka\/uuid/)
  for (const resource of Target!.Resource)
    assert.match(resource, /:us-west-2:123456789012:(cluster|topic|group)\/nd-prod-us-west-2-kafka\/uuid/)
  const trust = statements(only(graph, 'iam/role:Role').assumeRolePolicy)
  assert.deepEqual(trust.Assume?.Condition, { StringEquals: { 'aws:SourceAccount': '123456789012' } })
})

test('a copy that is further behind than the recovery point allows raises an alarm where it arrives', () => {
  const { region, threshold, metricName, dimensions } = only(graph, 'cloudwatch/metricAlarm:MetricAlarm')
  assert.deepEqual([region, threshold, metricName], ['us-west-2', 300_000, 'ReplicationLatency'])
  assert.deepEqual(dimensions, { ReplicatorName: replicator.replicatorName })
})

test('all carries our tags; its place stays unknown until MSK answers', async () => {
  assert.ok(assertTagged(graph, scope) >= 3)
  assert.deepEqual((await recordGraph('prod-links', program(), { unknowns: true })).outputs, { arn: unknown })
})

test('it does not run the other way, nor where no class may go', async () => {
  await assert.rejects(
    recordGraph('prod-links', program({ scope: awsScope('prod', 'us-east-1', policies) })),
    /scope\.region \(us-east-1\) must be the region that is written to, us-west-2\./,
  )
  const moved: Policies = {
    ...policies,
    regions: { ...policies.regions, 'us-west-2': { ...policies.regions['us-west-2']!, jurisdiction: 'eu' } },
  }
  await assert.rejects(
    recordGraph('prod-links', program({ scope: awsScope('prod', 'us-west-2', moved) })),
    /No topic may go from us-east-1 to us-west-2/,
  )
})

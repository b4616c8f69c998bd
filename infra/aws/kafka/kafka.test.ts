import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { type AwsScope, awsScope } from '../scope.ts'
import { assertTagged, ofType, only } from '../test/graph.ts'
import { assertKept } from '../test/regions.ts'
import { Kafka } from './kafka.ts'
import { brokerProperties } from './properties.ts'

const prod = awsScope('prod', 'us-east-1', policies)
const subnets = ['a', 'b', 'c'].map((zone) => output(`subnet-${zone}`))
const program =
  (scope: AwsScope, intraSubnetIds = subnets) =>
  async () => {
    const { arn, brokers, securityGroupId } = new Kafka('kafka', {
      scope,
      network: { vpcId: output('vpc-1'), intraSubnetIds },
      clientSecurityGroupId: 'sg-cluster',
      keyArn: 'arn:key',
      logKeyArn: 'arn:logs',
    })
    return { arn, brokers, securityGroupId }
  }
const graph = await recordGraph('prod-us-east-1', program(prod))
const cluster = only(graph, 'msk/cluster:Cluster')

test('nobody comes in without TLS and IAM', () => {
  assert.deepEqual(cluster.clientAuthentication, { unauthenticated: false, sasl: { iam: true, scram: false } })
  assert.deepEqual(cluster.encryptionInfo, {
    encryptionAtRestKmsKeyArn: 'arn:key',
    encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
  })
  assert.deepEqual(cluster.brokerNodeGroupInfo.connectivityInfo.publicAccess, { type: 'DISABLED' })
})

test('brokers stand in every zone, on the disks and of the size that the policy says', () => {
  const { clientSubnets, instanceType, storageInfo } = cluster.brokerNodeGroupInfo
  assert.deepEqual(clientSubnets, ['subnet-a', 'subnet-b', 'subnet-c'])
  assert.deepEqual([instanceType, cluster.numberOfBrokerNodes], ['kafka.m7g.xlarge', 6])
  assert.deepEqual(storageInfo, { ebsStorageInfo: { volumeSize: 1024 } })
  assert.deepEqual([cluster.kafkaVersion, cluster.storageMode], ['4.0.x.kraft', 'TIERED'])
})

test('a write needs as many brokers as the policy says, and no topic or leader comes by chance', () => {
  const properties = brokerProperties(prod)
  assert.equal(properties['min.insync.replicas'], '2')
  assert.equal(properties['default.replication.factor'], '3')
  assert.equal(properties['auto.create.topics.enable'], 'false')
  assert.equal(properties['unclean.leader.election.enable'], 'false')
  assert.equal(properties['message.max.bytes'], String(2 ** 20))
  assert.match(only(graph, 'msk/configuration:Configuration').serverProperties, /^min\.insync\.replicas=2$/m)
})

const ways = (of: typeof graph) =>
  ['vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'vpc/securityGroupEgressRule:SecurityGroupEgressRule'].map(
    (type) =>
      ofType(of, type).map(({ inputs }) => `${inputs.referencedSecurityGroupId} ${inputs.fromPort}-${inputs.toPort}`),
  )

test('a source lets in its pods, and the replicator through IAM; DR also lets the replicator write', async () => {
  assert.deepEqual(ways(graph), [['sg-cluster 9098-9098'], []])
  assert.deepEqual(cluster.brokerNodeGroupInfo.connectivityInfo.vpcConnectivity, {
    clientAuthentication: { sasl: { iam: true } },
  })
  const dr = await recordGraph('prod-us-west-2', program(awsScope('prod', 'us-west-2', policies)))
  const self = 'nd-prod-us-west-2-kafka-id 9098-9098'
  assert.deepEqual(ways(dr), [['sg-cluster 9098-9098', self], [self]])
  assert.equal(only(dr, 'msk/cluster:Cluster').brokerNodeGroupInfo.connectivityInfo.vpcConnectivity, undefined)
})

test('it is protected and outlives its stack, says what happens to it, and carries our tags', () => {
  assertKept(graph, ['msk/cluster:Cluster', 'ec2/securityGroup:SecurityGroup'])
  const group = only(graph, 'cloudwatch/logGroup:LogGroup')
  assert.deepEqual([group.retentionInDays, group.kmsKeyId], [365, 'arn:logs'])
  assert.deepEqual(cluster.loggingInfo.brokerLogs.cloudwatchLogs, { enabled: true, logGroup: group.name })
  assert.equal(cluster.enhancedMonitoring, 'PER_BROKER')
  assert.ok(assertTagged(graph, prod) >= 4)
})

test('the brokers stay unknown until MSK answers', async () => {
  const early = await recordGraph('prod-us-east-1', program(prod), { unknowns: true })
  assert.deepEqual(early.outputs, { arn: unknown, brokers: unknown, securityGroupId: unknown })
})

test('all that is wrong is said at once', async () => {
  const { cloud, environments } = policies
  const bad: Policies = {
    ...policies,
    cloud: {
      ...cloud,
      prod: {
        ...cloud.prod!,
        kafka: { ...cloud.prod!.kafka, brokers: 4, version: '3.9.x', storage: '20Ti', localRetention: '8d' },
      },
    },
    environments: {
      ...environments,
      prod: { ...environments.prod!, kafka: { replicas: 5, minInSync: 5, partitions: 8 } },
    },
  }
  await assert.rejects(recordGraph('prod-us-east-1', program(awsScope('prod', 'us-east-1', bad), subnets.slice(1))), {
    name: 'RangeError',
    message: [
      'network.intraSubnetIds has 2 subnets; Kafka needs one in each of 3 zones.',
      'cloud.prod.kafka.brokers (4) must be a multiple of the 3 zones.',
      'environments.prod.kafka.replicas (5) must be at most the 4 brokers.',
      'environments.prod.kafka.minInSync (5) must be below the 5 replicas: a broker is restarted for every patch.',
      "cloud.prod.kafka.version (3.9.x) must be one of KRaft: '4.0.x.kraft'.",
      'cloud.prod.kafka.storage (20Ti) must be whole GiB, 1 to 16384.',
      'cloud.prod.kafka.localRetention (8d) must be below the shortest retention of a topic, or nothing is tiered.',
    ].join('\n'),
  })
})

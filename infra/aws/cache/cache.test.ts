import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { hidden, unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { type AwsScope, awsScope } from '../scope.ts'
import { assertTagged, ofType, only } from '../test/graph.ts'
import { Cache } from './cache.ts'

const prod = awsScope('prod', 'us-east-1', policies)
const network = { vpcId: output('vpc-1'), intraSubnetIds: ['a', 'b', 'c'].map((zone) => output(`subnet-${zone}`)) }
const program = (scope: AwsScope) => async () => {
  const cache = new Cache('cache', {
    scope,
    network,
    clientSecurityGroupId: 'sg-cluster',
    keyArn: 'arn:key',
    logKeyArn: 'arn:logs',
  })
  return {
    host: cache.host,
    port: cache.port,
    password: cache.password,
  }
}
const graph = await recordGraph('prod-us-east-1', program(prod))
const group = only(graph, 'elasticache/replicationGroup:ReplicationGroup')

test('every caller needs TLS and the password, and what is kept is encrypted', () => {
  assert.deepEqual([group.transitEncryptionEnabled, group.transitEncryptionMode], [true, 'required'])
  assert.equal(group.authToken, hidden)
  assert.deepEqual([group.atRestEncryptionEnabled, group.kmsKeyId], [true, 'arn:key'])
  assert.equal(graph.outputs.password, hidden)
})

test('as many copies as the environment says, and another takes over when one is lost', () => {
  const { numCacheClusters, automaticFailoverEnabled, multiAzEnabled, snapshotRetentionLimit } = group
  assert.deepEqual(
    [numCacheClusters, automaticFailoverEnabled, multiAzEnabled],
    [prod.policy.redis.replicas, true, true],
  )
  assert.equal(snapshotRetentionLimit, 0)
  assert.deepEqual(only(graph, 'elasticache/subnetGroup:SubnetGroup').subnetIds, ['subnet-a', 'subnet-b', 'subnet-c'])
  const { family, parameters } = only(graph, 'elasticache/parameterGroup:ParameterGroup')
  assert.equal(family, 'valkey8')
  assert.deepEqual(parameters, [{ name: 'maxmemory-policy', value: 'allkeys-lfu' }])
})

test('the pods of the cluster come in on the port of the service graph, and nobody else', () => {
  const rules = ofType(graph, 'vpc/securityGroupIngressRule:SecurityGroupIngressRule')
  assert.deepEqual(
    rules.map(({ inputs }) => [inputs.referencedSecurityGroupId, inputs.fromPort, inputs.toPort, inputs.cidrIpv4]),
    [['sg-cluster', 6380, 6380, undefined]],
  )
  assert.equal(group.port, 6380)
  assert.equal(graph.outputs.port, 6380)
})

test('everything carries our tags; logs are kept as the policy says', () => {
  assert.ok(assertTagged(graph, prod) >= 5)
  assert.equal(only(graph, 'cloudwatch/logGroup:LogGroup').retentionInDays, 365)
  assert.deepEqual(
    group.logDeliveryConfigurations.map(({ logType }: { logType: string }) => logType),
    ['slow-log', 'engine-log'],
  )
})

test('the host stays unknown until ElastiCache answers', async () => {
  const early = await recordGraph('prod-us-east-1', program(prod), { unknowns: true })
  assert.equal(early.outputs.host, unknown)
  assert.equal(early.outputs.port, 6380)
})

const changed = (cloudCache: object, redis = {}): AwsScope => {
  const { cloud, environments } = policies
  const bad: Policies = {
    ...policies,
    cloud: { ...cloud, prod: { ...cloud.prod!, cache: { ...cloud.prod!.cache, ...cloudCache } } },
    environments: { ...environments, prod: { ...environments.prod!, redis: { replicas: 3, ...redis } } },
  }
  return awsScope('prod', 'us-east-1', bad)
}

test('one copy has nobody to take over', async () => {
  const alone = await recordGraph('prod-us-east-1', program(changed({}, { replicas: 1 })))
  const { automaticFailoverEnabled, multiAzEnabled } = only(alone, 'elasticache/replicationGroup:ReplicationGroup')
  assert.deepEqual([automaticFailoverEnabled, multiAzEnabled], [false, false])
})

test('all that is wrong is said at once', async () => {
  await assert.rejects(
    recordGraph('prod-us-east-1', program(changed({ version: '8', node: 'r7g.large' }, { replicas: 9 }))),
    {
      name: 'RangeError',
      message: [
        'environments.prod.redis.replicas (9) must be 1 to 6.',
        "cloud.prod.cache.version (8) must be 'major.minor'.",
        "cloud.prod.cache.node (r7g.large) must be a node of ElastiCache: 'cache.…'.",
      ].join('\n'),
    },
  )
})

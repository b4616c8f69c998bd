import assert from 'node:assert/strict'
import { test } from 'node:test'
import aws from '@pulumi/aws'
import { output } from '@pulumi/pulumi'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { documentOf } from '../iam/document.ts'
import { awsScope } from '../scope.ts'
import { type Inputs, statements } from '../test/graph.ts'
import { kafkaAccess } from './access.ts'

const arn = 'arn:aws:kafka:us-east-1:123456789012:cluster/nd-prod-us-east-1-kafka/uuid'
const topic = (name: string) => `arn:aws:kafka:us-east-1:123456789012:topic/nd-prod-us-east-1-kafka/uuid/${name}`

async function rights(
  service: string,
  region = 'us-east-1',
  of: Policies = policies,
): Promise<Readonly<Record<string, Inputs>>> {
  const program = async () => ({
    policy: documentOf(...kafkaAccess(awsScope('prod', region, of), service, output(arn))),
  })
  return statements((await recordGraph('x', program)).outputs.policy)
}

const actionsOf = (all: Readonly<Record<string, Inputs>>): string[] =>
  Object.values(all).flatMap(({ Action }) => Action)

test('the collector writes events and dead letters, and reads the shard map alone, without a group', async () => {
  const all = await rights('event-collector')
  assert.deepEqual(all.Write?.Resource, [topic('events.raw'), topic('events.dead-letter')])
  assert.deepEqual(Object.keys(all), ['Connect', 'Write', 'Read'])
  assert.deepEqual(all.Read?.Resource, [topic('shards.map')])
  assert.deepEqual(all.Connect?.Resource, [arn])
})

test('the hot sink reads events in its own group and the map; it writes dead letters, and events anew', async () => {
  const all = await rights('hot-sink')
  assert.deepEqual(all.Read?.Resource, [topic('events.raw'), topic('alerts'), topic('shards.map')])
  assert.deepEqual(
    all.Group?.Resource,
    ['hot-sink', 'hot-sink.alerts'].map(
      (group) => `arn:aws:kafka:us-east-1:123456789012:group/nd-prod-us-east-1-kafka/uuid/${group}`,
    ),
  )
  assert.deepEqual(all.Write?.Resource, [topic('events.raw'), topic('events.dead-letter')])
})

test('where copies arrive, the sink may read them too', async () => {
  assert.deepEqual((await rights('hot-sink', 'us-west-2')).Read?.Resource, [
    ...['events.raw', 'alerts', 'shards.map'].map(topic),
    ...['*.events.raw', '*.alerts', '*.shards.map'].map(topic),
  ])
})

test('the topics job makes topics and sets them; nobody deletes one or changes its partitions', async () => {
  const all = await rights('topics')
  assert.deepEqual(all.Topics?.Resource, Object.keys(policies.topics).map(topic))
  assert.ok(actionsOf(all).includes('kafka-cluster:CreateTopic'))
  for (const service of ['event-collector', 'hot-sink', 'topics'])
    assert.ok(
      !actionsOf(await rights(service)).some((action) => /:(DeleteTopic|AlterTopic|AlterCluster)$|\*/.test(action)),
    )
})

test('every caller of Kafka in the graph has its rights, and nobody else', async () => {
  const callers = Object.keys(policies.services).filter((name) =>
    policies.services[name]!.calls.some(({ service, port }) => service === 'kafka' && port === 'kafka'),
  )
  for (const caller of callers) assert.ok((await rights(caller)).Connect, caller)
  await assert.rejects(rights('redis'), /'redis' has no edge to Kafka: add one to services\.redis\.calls\./)
  const { services } = policies
  const grown: Policies = {
    ...policies,
    services: { ...services, redis: { ...services.redis!, calls: [{ service: 'kafka', port: 'kafka' }] } },
  }
  await assert.rejects(rights('redis', 'us-east-1', grown), /'redis' calls Kafka, and infra\/aws\/kafka\/access\.ts/)
})

test('with a cluster that is not known yet the policy is not either', async () => {
  const program = async () => {
    const cluster = new aws.msk.ServerlessCluster('later', {
      vpcConfigs: [],
      clientAuthentication: { sasl: { iam: { enabled: true } } },
    })
    return { policy: documentOf(...kafkaAccess(awsScope('prod', 'us-east-1', policies), 'topics', cluster.arn)) }
  }
  assert.equal((await recordGraph('x', program, { unknowns: true })).outputs.policy, unknown)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, only, statements } from '../test/graph.ts'
import { making } from '../test/regions.ts'
import { type BucketEnd, BucketReplication, type BucketReplicationArgs } from './replication.ts'

const scope = awsScope('prod', 'us-east-1', policies)
const end = (region: string, bucket = 'audit'): BucketEnd => ({
  region,
  name: `nd-prod-${region}-${bucket}`,
  arn: `arn:aws:s3:::nd-prod-${region}-${bucket}`,
  keyArn: `arn:key-${region}`,
})
const args: BucketReplicationArgs = {
  scope,
  bucket: 'audit',
  from: end('us-east-1'),
  to: [end('us-east-2'), end('us-west-2')],
}
const program = (more: Partial<BucketReplicationArgs> = {}) =>
  making(() => new BucketReplication('copies', { ...args, ...more }))
const graph = await recordGraph('prod-links', program())

test('one set of rules copies within fifteen minutes to every region, encrypted with its key', () => {
  const { bucket, rules, region } = only(graph, 's3/bucketReplicationConfig:BucketReplicationConfig')
  assert.deepEqual([bucket, region], ['nd-prod-us-east-1-audit', 'us-east-1'])
  assert.deepEqual(
    rules.map(({ priority, destination }: { priority: number; destination: Record<string, unknown> }) => [
      priority,
      destination.bucket,
      destination.encryptionConfiguration,
      destination.replicationTime,
    ]),
    ['us-east-2', 'us-west-2'].map((to, i) => [
      i + 1,
      `arn:aws:s3:::nd-prod-${to}-audit`,
      { replicaKmsKeyId: `arn:key-${to}` },
      { status: 'Enabled', time: { minutes: 15 } },
    ]),
  )
  for (const { deleteMarkerReplication } of rules) assert.deepEqual(deleteMarkerReplication, { status: 'Disabled' })
  assertTagged(graph, scope)
})

test('its role reads one bucket, writes the copies, deletes nothing, and uses keys through S3 alone', () => {
  const { policy } = only(graph, 'iam/rolePolicy:RolePolicy')
  const all = statements(policy)
  assert.deepEqual(all.Read?.Resource, ['arn:aws:s3:::nd-prod-us-east-1-audit/*'])
  assert.deepEqual(all.Write?.Action, ['s3:ReplicateObject', 's3:ReplicateTags'])
  assert.doesNotMatch(String(policy), /Delete|\*:|s3:\*/)
  assert.deepEqual(all.Encrypt2?.Condition, { StringLike: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } })
  const trust = statements(only(graph, 'iam/role:Role').assumeRolePolicy)
  assert.deepEqual(trust.Assume?.Condition, { ArnEquals: { 'aws:SourceArn': args.from.arn } })
})

test('no copy goes where no edge leads', async () => {
  await assert.rejects(recordGraph('prod-links', program({ to: [end('eu-west-1')], from: end('us-east-2') })), {
    name: 'RangeError',
    message: [
      "scope.region (us-east-1) must be that of 'from', us-east-2.",
      "'audit' must not be copied from us-east-2 to eu-west-1: no edge of the policies leads there.",
    ].join('\n'),
  })
  await assert.rejects(
    recordGraph(
      'prod-links',
      program({ scope: awsScope('prod', 'us-east-2', policies), from: end('us-east-2'), to: [end('us-east-2')] }),
    ),
    /must not be copied from us-east-2 to us-east-2/,
  )
  await assert.rejects(recordGraph('prod-links', program({ to: [] })), /'audit' of us-east-1 is copied to no region/)
})

test('a promise that S3 does not make is refused', async () => {
  const { objectives } = policies
  const bad: Policies = {
    ...policies,
    objectives: {
      ...objectives,
      dataClasses: { ...objectives.dataClasses, audit: { ...objectives.dataClasses.audit!, rpo: '1m' } },
    },
  }
  await assert.rejects(
    recordGraph('prod-links', program({ scope: awsScope('prod', 'us-east-1', bad) })),
    /objectives\.dataClasses\.audit\.rpo \(1m\) must be at least 15m: S3 promises no less\./,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { type Policies, policies } from '../../../policies/bundle.ts'
import type { BucketPolicy } from '../../../policies/model/storage.ts'
import { exampleAccount } from '../../graph/answers.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { type AwsScope, awsScope } from '../scope.ts'
import { assertTagged, ofType, statements } from '../test/graph.ts'
import { assertKept } from '../test/regions.ts'
import { ObjectStore } from './object-store.ts'

const prod = awsScope('prod', 'us-east-1', policies)
const keys = Object.keys(policies.buckets)
const program = (scope: AwsScope) => async () => {
  const { buckets } = new ObjectStore('buckets', {
    scope,
    accountId: output(exampleAccount),
    keyArn: output('arn:key'),
  })
  return { ...buckets }
}
const graph = await recordGraph('prod-us-east-1', program(prod))
const of = (type: string, key: string) =>
  ofType(graph, `s3/${type}`).find(({ name }) => name === `nd-prod-us-east-1-${key}`)?.inputs ?? {}

test('there is a bucket for each key, under a name of this account and region', () => {
  assert.deepEqual(
    ofType(graph, 's3/bucket:Bucket').map(({ inputs }) => inputs.bucket),
    [...keys].sort().map((key) => `nd-prod-us-east-1-${key}-${exampleAccount}`),
  )
  assert.deepEqual(Object.keys(graph.outputs).sort(), [...keys].sort())
})

test('every bucket is versioned, encrypted with the key, owned by us alone and closed to the public', () => {
  for (const key of keys) {
    assert.deepEqual(of('bucketVersioning:BucketVersioning', key).versioningConfiguration, { status: 'Enabled' })
    assert.deepEqual(of('bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration', key).rules, [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: 'arn:key' },
        bucketKeyEnabled: true,
      },
    ])
    assert.deepEqual(of('bucketOwnershipControls:BucketOwnershipControls', key).rule, {
      objectOwnership: 'BucketOwnerEnforced',
    })
    const { bucket: _, ...closed } = of('bucketPublicAccessBlock:BucketPublicAccessBlock', key)
    assert.deepEqual(Object.values(closed), [true, true, true, true])
    const { OnlyTls } = statements(of('bucketPolicy:BucketPolicy', key).policy)
    assert.deepEqual([OnlyTls?.Effect, OnlyTls?.Principal, OnlyTls?.Action], ['Deny', '*', ['s3:*']])
    assert.deepEqual(OnlyTls?.Condition, { Bool: { 'aws:SecureTransport': 'false' } })
    assert.equal(OnlyTls?.Resource.length, 2)
  }
})

test('nothing expires: rules change the storage class, and end uploads that nobody finished', () => {
  for (const key of keys) {
    const { rules } = of('bucketLifecycleConfiguration:BucketLifecycleConfiguration', key)
    assert.doesNotMatch(JSON.stringify(rules), /xpiration/)
    const classes = rules.flatMap(({ transitions = [] }: { transitions?: { storageClass: string; days: number }[] }) =>
      transitions.map(({ days, storageClass }) => `${days}d ${storageClass}`),
    )
    const { cheaper }: BucketPolicy = policies.buckets[key]!
    assert.deepEqual(classes, cheaper ? [`${cheaper.after} ${cheaper.storageClass}`] : [])
  }
})

test('only a class with a lock has one, and then nobody can lift it', () => {
  assert.deepEqual(
    ofType(graph, 's3/bucketObjectLockConfiguration:BucketObjectLockConfiguration').map(({ inputs }) => inputs.rule),
    [{ defaultRetention: { mode: 'COMPLIANCE', days: 400 } }],
  )
  assert.deepEqual(
    keys.map((key) => [key, of('bucket:Bucket', key).objectLockEnabled]),
    keys.map((key) => [key, key === 'audit']),
  )
})

test('buckets are protected and outlive the stack; all that can be tagged is', () => {
  assertKept(graph, [
    's3/bucket:Bucket',
    's3/bucketVersioning:BucketVersioning',
    's3/bucketObjectLockConfiguration:BucketObjectLockConfiguration',
  ])
  assert.equal(assertTagged(graph, prod), keys.length)
  for (const key of keys) assert.equal(of('bucket:Bucket', key).tags.DataClass, policies.buckets[key]!.dataClass)
})

test('with an account that is not known yet the bucket is still described', async () => {
  const early = await recordGraph('prod-us-east-1', program(prod), { unknowns: true })
  assert.deepEqual(early.outputs.audit, { name: unknown, arn: unknown })
  assert.equal(ofType(early, 's3/bucket:Bucket').length, keys.length)
})

test('all that is wrong with the buckets is said at once', async () => {
  const bad: Policies = {
    ...policies,
    buckets: {
      Cold: { dataClass: 'nothing', replicated: false },
      warm: { dataClass: 'events', replicated: false, cheaper: { after: '36h', storageClass: 'STANDARD_IA' } },
      ['x'.repeat(40)]: { dataClass: 'events', replicated: false },
    },
  }
  await assert.rejects(recordGraph('prod-us-east-1', program(awsScope('prod', 'us-east-1', bad))), {
    name: 'RangeError',
    message: [
      'buckets.Cold: its key must be lower-case letters, digits and dashes.',
      'buckets.Cold.dataClass (nothing) must be a data class.',
      'buckets.warm.cheaper.after (36h) must be whole days.',
      'buckets.warm.cheaper.after (36h) must be at least 30d for STANDARD_IA.',
      `buckets.${'x'.repeat(40)}: its name would have 71 characters; S3 takes 63.`,
    ].join('\n'),
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { exampleAccount } from '../../graph/answers.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, only, statements } from '../test/graph.ts'
import { assertKept } from '../test/regions.ts'
import { Trail, trailMayEncrypt } from './trail.ts'

const [first, ...others] = ['us-east-1', 'us-east-2', 'us-west-2'].map((region) => awsScope('prod', region, policies))
const program = async () => ({
  arn: new Trail('trail', { scopes: [first!, ...others], accountId: exampleAccount, keyArn: 'arn:key' }).arn,
})
const graph = await recordGraph('prod', program)
const trail = only(graph, 'cloudtrail/trail:Trail')

test('every change in every region is told, signed and encrypted', () => {
  const { isMultiRegionTrail, includeGlobalServiceEvents, enableLogFileValidation, kmsKeyId } = trail
  assert.deepEqual(
    { isMultiRegionTrail, includeGlobalServiceEvents, enableLogFileValidation, kmsKeyId },
    { isMultiRegionTrail: true, includeGlobalServiceEvents: true, enableLogFileValidation: true, kmsKeyId: 'arn:key' },
  )
})

test('each bucket of each region is watched, and the trail does not watch itself', () => {
  const watched: string[] = trail.advancedEventSelectors[1].fieldSelectors[2].startsWiths
  assert.equal(watched.length, 3 * Object.keys(policies.buckets).length)
  assert.ok(watched.includes(`arn:aws:s3:::nd-prod-us-west-2-audit-${exampleAccount}/`))
  assert.ok(!watched.some((arn) => trail.s3BucketName.startsWith(arn.slice('arn:aws:s3:::'.length, -1))))
})

test('only this trail writes there, and the key lets only it in', () => {
  const arn = `arn:aws:cloudtrail:us-east-1:${exampleAccount}:trail/nd-prod-us-east-1-trail`
  const { TrailWrites, OnlyTls } = statements(only(graph, 's3/bucketPolicy:BucketPolicy').policy)
  assert.equal(TrailWrites?.Condition.StringEquals['aws:SourceArn'], arn)
  assert.match(TrailWrites?.Resource[0], new RegExp(`/AWSLogs/${exampleAccount}/\\*$`))
  assert.equal(OnlyTls?.Effect, 'Deny')
  assert.deepEqual(trailMayEncrypt(first!, exampleAccount).actions, ['kms:GenerateDataKey', 'kms:DescribeKey'])
})

test('nobody deletes what it wrote while an audit must be kept, whoever he is', () => {
  assert.equal(only(graph, 's3/bucket:Bucket').objectLockEnabled, true)
  const { mode, days } = only(graph, 's3/bucketObjectLockConfiguration:BucketObjectLockConfiguration').rule
    .defaultRetention
  assert.equal(mode, 'COMPLIANCE')
  assert.equal(`${days}d`, policies.objectives.dataClasses.audit?.lock)
})

test('it is protected and carries our tags; its place stays unknown until AWS answers', async () => {
  assertKept(graph, ['cloudtrail/trail:Trail', 's3/bucket:Bucket'])
  assert.equal(assertTagged(graph, first!), 2)
  assert.deepEqual((await recordGraph('prod', program, { unknowns: true })).outputs, { arn: unknown })
})

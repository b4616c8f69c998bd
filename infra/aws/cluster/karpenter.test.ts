import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { ofType, only, statements } from '../test/graph.ts'
import { Karpenter } from './karpenter.ts'

const scope = awsScope('staging', 'us-west-2', policies)
const program = async () => {
  const { queueName } = new Karpenter('karpenter', { scope, cluster: output('nd-staging-us-west-2-cluster') })
  return { queueName }
}
const graph = await recordGraph('staging-us-west-2', program)
const policy = only(graph, 'iam/rolePolicy:RolePolicy').policy
const rights = statements(policy)
const owned = 'kubernetes.io/cluster/nd-staging-us-west-2-cluster'

test('whatever changes a machine asks for the tags of this cluster', () => {
  const reads = /:(Describe|Get|List|Receive)/
  const discovered = '"aws:ResourceTag/karpenter.sh/discovery":"nd-staging-us-west-2-cluster"'
  const free = Object.values(rights)
    .filter(({ Action }) => Action.some((action: string) => !reads.test(action)))
    .filter(({ Condition }) => ![owned, discovered].some((tag) => JSON.stringify(Condition ?? {}).includes(tag)))
    .map(({ Sid }) => Sid)
  assert.deepEqual(free.sort(), ['GiveMachinesTheirRole', 'ReadInterruptions', 'StartFrom'])
  // What it starts from is no machine, and is not ours: images.
  assert.doesNotMatch(
    JSON.stringify(rights.StartFrom?.Resource),
    /:(instance|volume|fleet|launch-template|subnet|security-group)\//,
  )
  assert.match(rights.ReadInterruptions?.Resource[0], /^arn:aws:sqs:.*:karpenter-interruption$/)
})

test('it gives its machines one role and no other', () => {
  assert.deepEqual(rights.GiveMachinesTheirRole?.Resource, [
    'arn:aws:iam::123456789012:role/nd-staging-us-west-2-nodes-karpenter',
  ])
  assert.equal(rights.GiveMachinesTheirRole?.Condition.StringEquals['iam:PassedToService'], 'ec2.amazonaws.com')
})

test('no action has a wildcard, and the policy fits into a role', () => {
  for (const { Action } of Object.values(rights)) for (const action of Action) assert.doesNotMatch(action, /\*/)
  assert.ok(policy.length < 10_240, `${policy.length} characters`)
})

test('the queue is encrypted, and only our rules write to it, over TLS', () => {
  assert.equal(only(graph, 'sqs/queue:Queue').sqsManagedSseEnabled, true)
  const { Events, TlsOnly } = statements(only(graph, 'sqs/queuePolicy:QueuePolicy').policy)
  const rules = ofType(graph, 'cloudwatch/eventRule:EventRule')
  assert.equal(rules.length, 5)
  assert.equal(Events?.Condition.ArnEquals['aws:SourceArn'].length, 5)
  assert.deepEqual(TlsOnly?.Condition, { Bool: { 'aws:SecureTransport': 'false' } })
  assert.equal(TlsOnly?.Effect, 'Deny')
  assert.equal(ofType(graph, 'cloudwatch/eventTarget:EventTarget').length, rules.length)
})

test('the same stands before the cloud has answered anything', async () => {
  const first = await recordGraph('staging-us-west-2', program, { unknowns: true })
  assert.equal(first.resources.length, graph.resources.length)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import aws from '@pulumi/aws'
import { output } from '@pulumi/pulumi'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { document, documentOf, type Statement, StatementError } from './document.ts'

const read: Statement = { sid: 'Read', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::logs/*'] }

const refused = (statement: Partial<Statement>, message: string) =>
  assert.throws(
    () => document({ ...read, ...statement }),
    (error: unknown) => error instanceof StatementError && error.code === 'BAD_STATEMENT' && error.message === message,
  )

test('a statement becomes what IAM reads, and nothing that was not said', () => {
  assert.deepEqual(JSON.parse(document(read)), {
    Version: '2012-10-17',
    Statement: [{ Sid: 'Read', Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::logs/*'] }],
  })
  const trust = document({
    sid: 'Assume',
    actions: ['sts:AssumeRole'],
    principals: { Service: ['ec2.amazonaws.com'] },
    conditions: { StringEquals: { 'aws:SourceAccount': '1' } },
  })
  assert.deepEqual(JSON.parse(trust).Statement, [
    {
      Sid: 'Assume',
      Effect: 'Allow',
      Principal: { Service: ['ec2.amazonaws.com'] },
      Action: ['sts:AssumeRole'],
      Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
    },
  ])
})

test('what is too wide or no statement is named', () => {
  refused({ sid: 'a b' }, "Statement 'a b': its sid must be letters and digits.")
  refused({ actions: [] }, "Statement 'Read': it names no action.")
  refused({ actions: ['GetObject'] }, "Statement 'Read': 'GetObject' is not an action: write 'service:Action'.")
  refused({ resources: [] }, "Statement 'Read': it needs resources, or principals in a trust policy.")
  refused(
    { actions: ['s3:GetObject', 's3:Put*'], resources: ['*'] },
    "Statement 'Read': s3:Put* on every resource: name the actions or the resources, or give a reason.",
  )
  refused(
    { principals: '*' },
    "Statement 'Read': it lets everybody in: name principals, set conditions, or give a reason.",
  )
  assert.throws(() => document(read, read), /Statement 'Read' is there twice/)
})

test('a reason, a denial or a condition lets a wildcard through', () => {
  document({ sid: 'Own', actions: ['kms:*'], resources: ['*'], reason: 'In the policy of a key * is that key.' })
  document({ sid: 'Plain', effect: 'Deny', actions: ['s3:*'], resources: ['*'], principals: '*' })
  document({ ...read, principals: '*', conditions: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })
})

const program = async () => {
  const queue = new aws.sqs.Queue('queue')
  const policy = documentOf(
    { sid: 'Send', actions: ['sqs:SendMessage'], resources: [queue.arn] },
    { sid: 'Later', actions: ['sqs:ReceiveMessage'], resources: [output('arn:later')] },
  )
  return { policy }
}

test('outputs are filled in, and what is unknown stays so', async () => {
  const { outputs } = await recordGraph('document', program)
  assert.deepEqual(
    JSON.parse(String(outputs.policy)).Statement.map(({ Resource }: { Resource: string[] }) => Resource),
    [['arn:aws:sqs:us-east-1:123456789012:queue'], ['arn:later']],
  )
  assert.equal((await recordGraph('document', program, { unknowns: true })).outputs.policy, unknown)
})

test('a statement of outputs is judged before they are known', () => {
  assert.throws(
    () => documentOf({ sid: 'All', actions: ['sqs:*'], resources: ['*', output('arn:later')] }),
    StatementError,
  )
})

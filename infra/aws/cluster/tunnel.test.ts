import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { recordGraph } from '../../graph/record.ts'
import { documentOf } from '../iam/document.ts'
import { awsScope } from '../scope.ts'
import { type Inputs, statements } from '../test/graph.ts'
import { tunnelStatements } from './tunnel.ts'

const scope = awsScope('staging', 'us-east-2', policies)
const graph = await recordGraph('tunnel', async () => ({
  policy: documentOf(...tunnelStatements(scope, '123456789012')),
}))
const rights = statements(graph.outputs.policy)

test('an operator starts one document on machines of one environment, and gets no shell', () => {
  assert.deepEqual(rights.TunnelDocument?.Resource, [
    'arn:aws:ssm:us-east-2:123456789012:document/nd-staging-us-east-2-tunnel',
  ])
  const { StringEquals: whose, BoolIfExists: how } = rights.TunnelMachines?.Condition ?? {}
  assert.deepEqual(whose, { 'ssm:resourceTag/Environment': 'staging', 'ssm:resourceTag/Component': 'cluster' })
  assert.deepEqual(how, { 'ssm:SessionDocumentAccessCheck': 'true' })
})

test('a session is ended by who began it', () => {
  const allowed = Object.values(rights).flatMap(({ Action }: Inputs) => Action)
  assert.deepEqual([...new Set(allowed)].sort(), ['ssm:ResumeSession', 'ssm:StartSession', 'ssm:TerminateSession'])
  assert.deepEqual(rights.OwnSessions?.Resource, ['arn:aws:ssm:*:*:session/$' + '{aws:userid}-*'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { recordGraph } from '../../graph/record.ts'
import { Network } from '../network/network.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, ofType, only, statements } from '../test/graph.ts'
import { Runner, type RunnerArgs } from './runner.ts'

const scope = awsScope('prod', 'us-east-1', policies)
const program =
  (args: Partial<RunnerArgs> = {}) =>
  async () => {
    const network = new Network('network', { scope, logKeyArn: 'arn:key' })
    const { project } = new Runner('runner', {
      ...{ scope, network, logKeyArn: 'arn:key', repository: 'acme/platform', workflows: ['deploy', 'drift'] },
      securityGroupId: output('sg-clients'),
      connectionArn: output('arn:connection'),
      ...args,
    })
    return { project }
  }
const graph = await recordGraph('prod-us-east-1', program())

test('a job runs in the private subnets, with the group that the API lets in, and without rights over the host', () => {
  const { vpcConfig, environment } = only(graph, 'codebuild/project:Project')
  assert.deepEqual(vpcConfig.securityGroupIds, ['sg-clients'])
  assert.deepEqual(
    vpcConfig.subnets,
    ['a', 'b', 'c'].map((letter) => `network-${letter}-private-id`),
  )
  assert.equal(environment.privilegedMode, false)
})

test('only queued jobs of the named workflows start it', () => {
  const { projectName, filterGroups } = only(graph, 'codebuild/webhook:Webhook')
  assert.equal(projectName, graph.outputs.project)
  assert.deepEqual(filterGroups, [
    {
      filters: [
        { type: 'EVENT', pattern: 'WORKFLOW_JOB_QUEUED' },
        { type: 'WORKFLOW_NAME', pattern: '^(deploy|drift)$' },
      ],
    },
  ])
})

test('its own role brings it into the network and nothing more', () => {
  const policy = ofType(graph, 'iam/rolePolicy:RolePolicy').find(({ name }) => name === 'runner')
  const rights = statements(policy?.inputs.policy)
  assert.deepEqual(Object.keys(rights).sort(), ['Interfaces', 'InterfacesInOurSubnets', 'Log', 'Source'])
  assert.deepEqual(rights.Source?.Resource, ['arn:connection'])
  assert.deepEqual(
    rights.InterfacesInOurSubnets?.Condition.StringEquals['ec2:Subnet'][0],
    'arn:aws:ec2:us-east-1:123456789012:subnet/network-a-private-id',
  )
  const role = ofType(graph, 'iam/role:Role').find(({ name }) => name === 'runner')
  assert.match(
    statements(role?.inputs.assumeRolePolicy).ThisProject?.Condition.ArnEquals['aws:SourceArn'],
    /:project\/nd-prod-us-east-1-runner$/,
  )
})

test('what it says is kept, encrypted', () => {
  const group = ofType(graph, 'cloudwatch/logGroup:LogGroup').find(({ name }) => name === 'runner')
  assert.equal(group?.inputs.kmsKeyId, 'arn:key')
  assert.equal(group?.inputs.retentionInDays, 365)
  assertTagged(graph, scope)
})

test('it can be planned before anything stands', async () => {
  const first = await recordGraph('prod-us-east-1', program(), { unknowns: true })
  assert.equal(first.resources.length, graph.resources.length)
})

test('what cannot be is named', async () => {
  await assert.rejects(recordGraph('bad', program({ repository: 'platform' })), {
    name: 'RangeError',
    message: "Runner runner: repository 'platform' must be OWNER/NAME.",
  })
  for (const workflows of [[], ['.*']])
    await assert.rejects(
      recordGraph('bad', program({ workflows })),
      /^RangeError: Runner runner: workflows must be names/,
    )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { exampleAccount } from '../../graph/answers.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { ofType, only, statements } from '../test/graph.ts'
import { assertKept, assertTaggedByRegion } from '../test/regions.ts'
import { DataKey } from './data-key.ts'

const [first, ...others] = ['us-east-1', 'us-east-2', 'us-west-2'].map((region) => awsScope('prod', region, policies))
const scopes = [first!, ...others] as const
const program = async () => ({ ...new DataKey('key', { scopes, accountId: exampleAccount }).arns })
const graph = await recordGraph('prod', program)

test('one key, renewed every year, with a replica and an alias in every other region', () => {
  const { multiRegion, enableKeyRotation, region } = only(graph, 'kms/key:Key')
  assert.deepEqual(
    { multiRegion, enableKeyRotation, region },
    { multiRegion: true, enableKeyRotation: true, region: 'us-east-1' },
  )
  const replicas = ofType(graph, 'kms/replicaKey:ReplicaKey')
  assert.deepEqual(
    replicas.map(({ inputs }) => inputs.region),
    ['us-east-2', 'us-west-2'],
  )
  for (const { inputs } of replicas) assert.match(inputs.primaryKeyArn, /nd-prod-us-east-1-data$/)
  assert.deepEqual(
    ofType(graph, 'kms/alias:Alias').map(({ inputs }) => `${inputs.region} ${inputs.name}`),
    scopes.map(({ region }) => `${region} alias/nd-prod-${region}-data`),
  )
  assertKept(graph, ['kms/key:Key', 'kms/replicaKey:ReplicaKey'])
  assertTaggedByRegion(graph, scopes)
})

const matches = (pattern: string, action: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action)

test('who administers it cannot read with it, and who reads does so through a service of the same region', () => {
  for (const { inputs } of [...ofType(graph, 'kms/key:Key'), ...ofType(graph, 'kms/replicaKey:ReplicaKey')]) {
    const { Administer, UseThroughServices, GrantToServices, Logs } = statements(inputs.policy)
    for (const action of ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:CreateGrant'])
      assert.ok(!Administer?.Action.some((pattern: string) => matches(pattern, action)), action)
    const via: string[] = UseThroughServices?.Condition.StringEquals['kms:ViaService']
    assert.ok(via.includes(`s3.${inputs.region}.amazonaws.com`))
    assert.ok(via.every((service) => service.split('.')[1] === inputs.region))
    assert.deepEqual(GrantToServices?.Condition, { Bool: { 'kms:GrantIsForAWSResource': 'true' } })
    assert.deepEqual(Logs?.Principal, { Service: [`logs.${inputs.region}.amazonaws.com`] })
  }
})

test('what is not known yet stays so', async () => {
  const early = await recordGraph('prod', program, { unknowns: true })
  assert.deepEqual(early.outputs, { 'us-east-1': unknown, 'us-east-2': unknown, 'us-west-2': unknown })
  assert.match(String(ofType(early, 'kms/key:Key')[0]?.inputs.policy), /s3\.us-east-1\.amazonaws\.com/)
})

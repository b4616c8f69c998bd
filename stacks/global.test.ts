import assert from 'node:assert/strict'
import { test } from 'node:test'
import { every, one, unguarded, untagged } from '../infra/aws/testing/graph.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { type Policies, policies } from '../policies/bundle.ts'
import { globalStack } from './global.ts'
import { cloudStacks } from './names.ts'

const stackOf = (environment: string) =>
  cloudStacks(policies).find((stack) => stack.kind === 'global' && stack.name === environment) as Parameters<
    typeof globalStack
  >[0]

const record = (environment = 'prod', options = {}) =>
  recordGraph(environment, () => globalStack(stackOf(environment), policies), options)

test('the stack declares all that the others read, known or not', async () => {
  const { outputs } = await record()
  const regions = [...policies.environments.prod!.regions]
  for (const name of ['dataKeyArns', 'certificateArns', 'webAclArns'])
    assert.deepEqual(Object.keys(outputs[name] as object).sort(), [...regions].sort(), name)
  assert.deepEqual(Object.keys(outputs.deployRoleArns as object).sort(), ['global', ...regions].sort())
  assert.equal(outputs.authorityRegion, 'us-east-1')
  const early = await record('prod', { unknowns: true })
  assert.deepEqual(Object.keys(early.outputs).sort(), Object.keys(outputs).sort())
})

test('every resource carries our tags, and what keeps data is protected and outlives the stack', async () => {
  const graph = await record()
  assert.deepEqual(untagged(graph), [])
  const kept = [
    'aws:kms/key:Key',
    'aws:kms/replicaKey:ReplicaKey',
    'aws:route53/zone:Zone',
    'aws:ecr/repository:Repository',
  ]
  assert.deepEqual(unguarded(graph, [...kept, 'aws:acmpca/certificateAuthority:CertificateAuthority']), [])
})

test('one key with a replica in each other region, each under the same policy but for its region', async () => {
  const graph = await record()
  const key = one(graph, 'aws:kms/key:Key')
  assert.deepEqual([key.inputs.multiRegion, key.inputs.enableKeyRotation, key.inputs.region], [true, true, 'us-east-1'])
  const replicas = every(graph, 'aws:kms/replicaKey:ReplicaKey')
  assert.deepEqual(replicas.map(({ inputs }) => inputs.region).sort(), ['us-east-2', 'us-west-2'])
  for (const { inputs } of [key, ...replicas]) {
    const { Statement } = JSON.parse(String(inputs.policy)) as { Statement: { Sid: string; Action: string[] }[] }
    assert.ok(String(inputs.policy).includes(`s3.${inputs.region}.amazonaws.com`))
    const administer = Statement.find(({ Sid }) => Sid === 'Administer')!.Action
    assert.ok(!administer.some((action) => /\*$/.test(action) && /kms:(\*|D\*|De\*)/.test(action)), 'no way to Decrypt')
    assert.ok(!administer.includes('kms:Decrypt'))
  }
})

test('policies that contradict themselves are refused before anything is made', async () => {
  const bad: Policies = {
    ...policies,
    environments: { ...policies.environments, prod: { ...policies.environments.prod!, regions: ['us-east-2'] } },
  }
  await assert.rejects(
    recordGraph('prod', () => globalStack(stackOf('prod'), bad)),
    /must hold exactly one primary region/,
  )
})

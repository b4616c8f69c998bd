import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertKept, assertTaggedByRegion } from '../infra/aws/test/regions.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { type Policies, policies } from '../policies/bundle.ts'
import { globalStack } from './global.ts'
import { cloudStacks } from './names.ts'
import { scopesOf } from './scopes.ts'

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
  assertTaggedByRegion(graph, scopesOf('prod', policies))
  assertKept(graph, [
    'acmpca/certificateAuthority:CertificateAuthority',
    'ecr/repository:Repository',
    'kms/key:Key',
    'kms/replicaKey:ReplicaKey',
    'route53/zone:Zone',
  ])
})

test('a resource of another region says so', async () => {
  const graph = await record()
  const everywhere = new Set(['iam', 'route53', 'index'])
  for (const { type, name, inputs } of graph.resources.filter((resource) => resource.type.startsWith('aws:')))
    if (!everywhere.has(type.split(/[:/]/)[1]!)) assert.equal(typeof inputs.region, 'string', `${type} ${name}`)
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

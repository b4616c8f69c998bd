import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { exampleAccount } from '../../graph/answers.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { ofType, only, statements } from '../test/graph.ts'
import { assertKept, assertTaggedByRegion } from '../test/regions.ts'
import { Registry } from './registry.ts'

const regions = ['us-east-1', 'us-east-2', 'us-west-2']
const [first, ...others] = regions.map((region) => awsScope('prod', region, policies))
const scopes = [first!, ...others] as const
const keys = Object.fromEntries(regions.map((region) => [region, `arn:key-${region}`]))
const program =
  (keyArns = keys) =>
  async () => ({ ...new Registry('registry', { scopes, accountId: exampleAccount, keyArns }).urls })
const graph = await recordGraph('prod', program())

test('each image has a repository: tags never change, every push is scanned, all is encrypted', () => {
  const repositories = ofType(graph, 'ecr/repository:Repository')
  assert.deepEqual(
    repositories.map(({ inputs }) => inputs.name),
    Object.keys(policies.images)
      .sort()
      .map((image) => `nd-prod/${image}`),
  )
  for (const { inputs } of repositories) {
    assert.equal(inputs.imageTagMutability, 'IMMUTABLE')
    assert.deepEqual(inputs.imageScanningConfiguration, { scanOnPush: true })
    assert.deepEqual(inputs.encryptionConfigurations, [{ encryptionType: 'KMS', kmsKey: 'arn:key-us-east-1' }])
  }
  assert.deepEqual(Object.keys(graph.outputs).sort(), Object.keys(policies.images).sort())
})

test('images go to every other region, into repositories that are made alike', () => {
  const [rule] = only(graph, 'ecr/replicationConfiguration:ReplicationConfiguration').replicationConfiguration.rules
  assert.deepEqual(
    rule.destinations.map(({ region }: { region: string }) => region),
    ['us-east-2', 'us-west-2'],
  )
  assert.deepEqual(rule.repositoryFilters, [{ filter: 'nd-prod/', filterType: 'PREFIX_MATCH' }])
  const templates = ofType(graph, 'ecr/repositoryCreationTemplate:RepositoryCreationTemplate')
  assert.deepEqual(
    templates.map(({ inputs }) => [
      inputs.region,
      inputs.imageTagMutability,
      inputs.encryptionConfigurations[0].kmsKey,
    ]),
    ['us-east-2', 'us-west-2'].map((region) => [region, 'IMMUTABLE', `arn:key-${region}`]),
  )
  const { dependencies } = ofType(graph, 'ecr/replicationConfiguration:ReplicationConfiguration')[0]!
  for (const { urn } of templates) assert.ok(dependencies.includes(urn))
})

test('only what never had a tag is thrown away', () => {
  for (const { inputs } of ofType(graph, 'ecr/lifecyclePolicy:LifecyclePolicy')) {
    const { rules } = JSON.parse(inputs.policy) as { rules: { selection: { tagStatus: string } }[] }
    assert.deepEqual(
      rules.map(({ selection }) => selection.tagStatus),
      ['untagged'],
    )
  }
})

test('the role that makes copies reaches no other repository, key or region', () => {
  const { Repositories, Keys } = statements(only(graph, 'iam/rolePolicy:RolePolicy').policy)
  assert.deepEqual(
    Repositories?.Resource,
    ['us-east-2', 'us-west-2'].map((region) => `arn:aws:ecr:${region}:${exampleAccount}:repository/nd-prod/*`),
  )
  assert.deepEqual(Keys?.Resource, ['arn:key-us-east-2', 'arn:key-us-west-2'])
})

test('repositories are protected and carry our tags; their places stay unknown until AWS answers', async () => {
  assertKept(graph, ['ecr/repository:Repository'])
  assertTaggedByRegion(graph, scopes)
  const early = await recordGraph('prod', program(), { unknowns: true })
  assert.deepEqual(new Set(Object.values(early.outputs)), new Set([unknown]))
})

test('a region without a key is refused', async () => {
  const { 'us-west-2': _, ...some } = keys
  await assert.rejects(
    recordGraph('prod', program(some)),
    /keyArns has no key for us-west-2; images there would lie in the clear\./,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ofType } from '../infra/aws/test/graph.ts'
import { assertTaggedByRegion } from '../infra/aws/test/regions.ts'
import { hidden, type StackGraph } from '../infra/graph/graph.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { policies } from '../policies/bundle.ts'
import { judge } from '../policies/guardrails/judge.ts'
import { globalStack } from './global.ts'
import { linksStack } from './links.ts'
import { cloudStacks } from './names.ts'
import { scopesOf } from './scopes.ts'
import { exampleRegion } from './testing/region.ts'

const regions = policies.environments.prod!.regions
const stackOf = <Kind extends 'global' | 'links'>(kind: Kind) =>
  cloudStacks(policies).find((stack) => stack.kind === kind && stack.environment === 'prod') as Extract<
    ReturnType<typeof cloudStacks>[number],
    { kind: Kind }
  >

async function record(change: (outputs: Record<string, Record<string, unknown>>) => void = () => {}, options = {}) {
  const { outputs } = await recordGraph('prod', () => globalStack(stackOf('global'), policies))
  const told: Record<string, Record<string, unknown>> = {
    prod: { ...outputs },
    ...Object.fromEntries(regions.map((region) => [`prod-${region}`, { ...exampleRegion('prod', region) }])),
  }
  change(told)
  return recordGraph('prod-links', () => linksStack(stackOf('links'), policies), { outputs: told, ...options })
}

const ends = (graph: StackGraph, type: string, key: string) => ofType(graph, type).map(({ inputs }) => inputs[key])

test('every link is a connection, Kafka goes to DR, and each bucket has one set of rules', async () => {
  const graph = await record()
  assert.equal(ofType(graph, 'ec2/vpcPeeringConnection:VpcPeeringConnection').length, policies.links.length)
  assert.deepEqual(ends(graph, 'msk/replicator:Replicator', 'region'), ['us-west-2', 'us-west-2'])
  const sets = ofType(graph, 's3/bucketReplicationConfig:BucketReplicationConfig')
  assert.equal(sets.length, 2 * Object.keys(policies.buckets).length)
  assert.equal(new Set(sets.map(({ inputs }) => inputs.bucket)).size, sets.length)
  assert.deepEqual(
    sets
      .filter(({ inputs }) => String(inputs.bucket).includes('cold'))
      .map(({ inputs }) => (inputs.rules as { id: string }[]).map(({ id }) => id)),
    [['to-us-east-2', 'to-us-west-2'], ['to-us-west-2']],
  )
  assertTaggedByRegion(graph, scopesOf('prod', policies))
  assert.deepEqual(Object.keys(graph.outputs.peerings as object), [
    'us-east-1 > us-east-2',
    'us-east-1 > us-west-2',
    'us-east-2 > us-west-2',
  ])
})

const meshSecrets = (graph: StackGraph) =>
  graph.resources.filter(({ type }) => type === 'kubernetes:core/v1:Secret').map(({ name }) => name)

test('every network sees the internal names of every other region', async () => {
  const associations = ofType(await record(), 'route53/zoneAssociation:ZoneAssociation').map(({ inputs }) => inputs)
  assert.equal(associations.length, regions.length * (regions.length - 1))
  for (const { zoneId, vpcId, vpcRegion } of associations) {
    assert.equal(vpcId, `vpc-prod-${vpcRegion}`)
    assert.ok(!zoneId.includes(vpcRegion))
  }
})

test('every control plane is told of every other cluster, by a provider of its own, and no token is in the clear', async () => {
  const graph = await record()
  const pairs = regions.flatMap((from) => regions.filter((to) => to !== from).map((to) => `mesh-${from}-reads-${to}`))
  assert.deepEqual(meshSecrets(graph).sort(), [...pairs].sort())
  const secrets = graph.resources.filter(({ type }) => type === 'kubernetes:core/v1:Secret')
  for (const { inputs } of secrets) assert.equal(inputs.data, hidden)
  // One name in three clusters is no object with two writers.
  assert.deepEqual(
    judge(graph).filter(({ binds }) => binds),
    [],
  )
  assert.ok(!JSON.stringify(graph).includes('dG9rZW4='))
  const providers = graph.resources.filter(({ type }) => type === 'pulumi:providers:kubernetes')
  assert.equal(providers.length, regions.length)
  for (const { dependencies } of providers)
    assert.equal(dependencies.filter((urn) => urn.includes('VpcPeeringConnection::')).length, policies.links.length)
})

test('a region that is lost is not asked for its token, and names can still be moved', async () => {
  const graph = await record(() => {}, { config: { lost: 'us-east-1', standIn: 'us-west-2' } })
  assert.deepEqual(meshSecrets(graph), ['mesh-us-east-2-reads-us-west-2', 'mesh-us-west-2-reads-us-east-2'])
  await assert.rejects(
    record(() => {}, { config: { lost: 'us-west-1' } }),
    /'prod' has no region 'us-west-1'/,
  )
})

test('networks can be joined before any cluster is asked', async () => {
  const graph = await record(() => {}, { config: { mesh: 'false' } })
  assert.deepEqual(
    graph.resources.filter(({ type }) => type.includes('kubernetes')),
    [],
  )
  assert.equal(ofType(graph, 'ec2/vpcPeeringConnection:VpcPeeringConnection').length, policies.links.length)
  assert.ok(meshSecrets(await record(() => {}, { config: { mesh: 'true' } })).length > 0)
})

test('names lead to the primary, then to the secondary, and to DR only when a person says so', async () => {
  const leads = (graph: StackGraph) =>
    ofType(graph, 'route53/record:Record')
      .filter(({ name }) => name.includes('event-collector'))
      .map(({ inputs }) => `${inputs.setIdentifier}: ${(inputs.records as string[])[0]}`)
  const at = (region: string) => `event-collector.${region}.neurodefender.example`
  assert.deepEqual(leads(await record()), [`primary: ${at('us-east-1')}`, `secondary: ${at('us-east-2')}`])
  const moved = await record(() => {}, { config: { standIn: 'us-west-2' } })
  assert.deepEqual(leads(moved), [`primary: ${at('us-west-2')}`, `secondary: ${at('us-east-2')}`])
  await assert.rejects(
    record(() => {}, { config: { standIn: 'us-west-1' } }),
    /standIn \(us-west-1\) must be a region of prod/,
  )
})

test('a wrong output is named with its field and its stack', async () => {
  await assert.rejects(
    record((outputs) => {
      outputs['prod-us-east-2']!.kafkaArn = 7
    }),
    /outputs of the stack 'prod-us-east-2' are not what this program expects: 'kafkaArn' should be a text/,
  )
  await assert.rejects(
    record((outputs) => {
      outputs['prod-us-west-2']!.bucketArns = { cold: 'arn:aws:s3:::cold' }
    }),
    /'bucketArns' of the stack 'prod-us-west-2' has nothing for 'audit'; it has: cold\. Bring/,
  )
})

test('a text that another stack calls secret is refused where it would be written in the clear', async () => {
  await assert.rejects(
    record((outputs) => {
      outputs['prod-us-west-2']!.kafkaArn = hidden
    }),
    /'prod-us-west-2' are not what this program expects: 'kafkaArn' should be a text and is secret/,
  )
})

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { GraphResource, StackGraph } from '../infra/graph/graph.ts'
import { hidden } from '../infra/graph/graph.ts'
import { policies } from '../policies/bundle.ts'
import { changed } from '../policies/checks/testing/change.ts'
import { cloudStacks } from './names.ts'
import { recordCloud } from './testing/record.ts'

let graphs: Map<string, StackGraph>
before(async () => {
  graphs = await recordCloud()
})

const graph = (name: string): StackGraph => graphs.get(name)!
const all = (): GraphResource[] => [...graphs.values()].flatMap(({ resources }) => resources)
const ofType = (stack: string, type: string) => graph(stack).resources.filter((resource) => resource.type === type)
const inAws = ({ type }: GraphResource): boolean => type.startsWith('aws:') || type.startsWith('random:')

/** One line for a resource; objects of Kubernetes have a snapshot of their own, so their names are enough. */
const line = (resource: GraphResource): string =>
  [
    `${resource.type} ${resource.name}`,
    ...(resource.protect ? ['protected'] : []),
    ...(inAws(resource) ? [JSON.stringify(resource.inputs)] : []),
  ].join(' ')

test('every stack of every environment can be made of the policies in force', () => {
  assert.deepEqual(
    [...graphs.keys()],
    cloudStacks(policies).map(({ name }) => name),
  )
})

for (const name of ['prod', 'prod-us-east-1', 'prod-links', 'prod-us-east-1-services'])
  test(`what ${name} consists of`, (t) => {
    t.assert.snapshot(graph(name).resources.map(line))
  })

test('what all others consist of', (t) => {
  const others = [...graphs.values()].filter(({ stack }) => stack.startsWith('staging') || !stack.includes('us-east-1'))
  t.assert.snapshot(
    Object.fromEntries(
      others.map(({ stack, resources }) => [stack, resources.map(({ type, name }) => `${type} ${name}`)]),
    ),
  )
})

test('no two resources of a stack share a name and a type', () => {
  for (const { resources } of graphs.values()) {
    const urns = resources.map(({ urn }) => urn)
    assert.equal(new Set(urns).size, urns.length)
  }
})

/** What a program looks at and does not make. */
const read = /StackReference|Secret::mesh-reader-token-/

test('a resource that depends on another stands in the same stack as it', () => {
  for (const { stack, resources } of graphs.values()) {
    const urns = new Set(resources.map(({ urn }) => urn))
    for (const { urn, dependencies } of resources)
      for (const dependency of dependencies)
        assert.ok(urns.has(dependency) || read.test(dependency), `${stack}: ${urn} → ${dependency}`)
  }
})

test('no secret stands in a graph', () => {
  const text = JSON.stringify(all())
  for (const made of ['password of', 'PRIVATE KEY']) assert.ok(!text.includes(made), made)
  for (const secret of all().filter(({ type }) => type === 'kubernetes:core/v1:Secret'))
    assert.ok(secret.inputs.data === undefined || secret.inputs.data === hidden, secret.urn)
})

test('regions of an environment differ in their addresses, and are joined to each other', () => {
  const networks = policies.environments.prod!.regions.map(
    (region) => ofType(`prod-${region}`, 'aws:ec2/vpc:Vpc')[0]?.inputs.cidrBlock,
  )
  assert.equal(new Set(networks).size, 3)
  assert.equal(ofType('prod-links', 'aws:ec2/vpcPeeringConnection:VpcPeeringConnection').length, policies.links.length)
})

test('what keeps data is protected and outlives its stack', () => {
  const kinds = ['aws:msk/cluster:Cluster', 'aws:s3/bucket:Bucket', 'aws:kms/key:Key']
  const keeps = all().filter(({ type }) => kinds.includes(type))
  assert.ok(keeps.length >= 6 * 3)
  for (const { urn, protect, retainOnDelete } of keeps) assert.deepEqual([protect, retainOnDelete], [true, true], urn)
})

test('a contradiction in the policies stops every stack of its environment before anything is made', async () => {
  const broken = changed({ 'scaling.ml_inference.actions.max_replicas': 40 })
  await assert.rejects(recordCloud('prod', broken), {
    code: 'POLICY',
    message: /pools\.gpu\.limits\.gpu \(14\) must be at least 43/,
  })
})

test('policies reach every stack, not only those in force', async () => {
  const other = await recordCloud(
    'staging',
    changed({ 'cloud.staging.costCentre': 'other', 'cloud.staging.nat': 'per-zone' }),
  )
  const region = other.get('staging-us-east-1')!
  assert.equal(region.resources.filter(({ type }) => type === 'aws:ec2/natGateway:NatGateway').length, 3)
  assert.equal(ofType('staging-us-east-1', 'aws:ec2/natGateway:NatGateway').length, 1)
  const tagged = region.resources.filter(({ inputs }) => inputs.tags)
  for (const { inputs } of tagged) assert.equal((inputs.tags as Record<string, string>).CostCentre, 'other')
})

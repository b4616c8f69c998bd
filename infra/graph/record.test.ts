import assert from 'node:assert/strict'
import { test } from 'node:test'
import aws from '@pulumi/aws'
import pulumi from '@pulumi/pulumi'
import { hidden, unknown } from './graph.ts'
import { recordGraph } from './record.ts'

const program = async () => {
  const vpc = new aws.ec2.Vpc(
    'net',
    { cidrBlock: '10.0.0.0/16', tags: { token: pulumi.secret('x') } },
    { protect: true },
  )
  const subnet = new aws.ec2.Subnet('zone', { vpcId: vpc.id, cidrBlock: '10.0.0.0/24' }, { ignoreChanges: ['tags'] })
  const other = new pulumi.StackReference('organization/neurodefender/other')
  return { subnet: subnet.arn, told: other.getOutput('word'), password: pulumi.secret('y') }
}

test('a program is recorded with its options, references and outputs, and no secret', async () => {
  const graph = await recordGraph('one', program, { outputs: { other: { word: 'hello' } } })
  const [zone, net] = ['zone', 'net'].map((name) => graph.resources.find((resource) => resource.name === name))
  assert.deepEqual(net?.inputs, { cidrBlock: '10.0.0.0/16', tags: { token: hidden } })
  assert.equal(net?.protect, true)
  assert.deepEqual(zone?.ignoreChanges, ['tags'])
  assert.deepEqual(zone?.dependencies, [net?.urn])
  assert.equal(graph.outputs.told, 'hello')
  assert.equal(graph.outputs.password, hidden)
})

test('a resource tells which provider makes it, where the program names one', async () => {
  const graph = await recordGraph('providers', async () => {
    const provider = new aws.Provider('west', { region: 'us-west-2' })
    new aws.ec2.Vpc('far', { cidrBlock: '10.0.0.0/16' }, { provider })
    new aws.ec2.Vpc('near', { cidrBlock: '10.0.0.0/16' })
    return {}
  })
  const find = (name: string) => graph.resources.find((resource) => resource.name === name)
  assert.equal(find('far')?.provider, find('west')?.urn)
  assert.equal(find('near')?.provider, undefined)
})

test('what only the cloud knows can stay unknown', async () => {
  const graph = await recordGraph('two', program, { unknowns: true })
  assert.equal(graph.resources.find(({ name }) => name === 'zone')?.inputs.vpcId, unknown)
})

test('a second program starts from nothing, and an error of a program is thrown', async () => {
  const graph = await recordGraph('three', async () => ({}))
  assert.deepEqual(graph.resources, [])
  await assert.rejects(
    recordGraph('four', async () => {
      throw new Error('on purpose')
    }),
    /on purpose/,
  )
})

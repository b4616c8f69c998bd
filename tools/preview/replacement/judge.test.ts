import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GraphResource } from '../../../infra/graph/graph.ts'
import { compareStacks } from '../compare/resources.ts'
import { known } from './table.ts'

const resource = (type: string, inputs: Record<string, unknown>, more: Partial<GraphResource> = {}): GraphResource => ({
  urn: `urn:pulumi:prod::neurodefender::${type}::it`,
  type,
  name: 'it',
  custom: true,
  inputs,
  dependencies: [],
  protect: false,
  retainOnDelete: false,
  ignoreChanges: [],
  ...more,
})

const become = (type: string, before: Record<string, unknown>, after: Record<string, unknown>) => {
  const graph = (inputs: Record<string, unknown>) => ({
    stack: 'prod',
    resources: [resource(type, inputs)],
    outputs: {},
  })
  const [change] = compareStacks('prod', graph(before), graph(after))
  return change && { kind: change.kind, because: change.because, data: change.data }
}

const msk = 'aws:msk/cluster:Cluster'
const subnets = (...clientSubnets: string[]) => ({ brokerNodeGroupInfo: { clientSubnets, instanceType: 'a' } })

test('a Kafka cluster in other subnets is another cluster; one with more brokers is the same', () => {
  assert.deepEqual(become(msk, subnets('a', 'b'), subnets('a', 'c')), {
    kind: 'replaced',
    because: ['brokerNodeGroupInfo.clientSubnets[1]'],
    data: true,
  })
  assert.equal(become(msk, { numberOfBrokerNodes: 3 }, { numberOfBrokerNodes: 6 })?.kind, 'changed')
  assert.equal(become(msk, subnets('a'), {})?.kind, 'replaced', 'what holds a forcing property went away')
})

test('what a StatefulSet cannot change is judged by the rules of the API server', () => {
  const type = 'kubernetes:apps/v1:StatefulSet'
  assert.deepEqual(
    become(type, { spec: { serviceName: 'a', replicas: 1 } }, { spec: { serviceName: 'b', replicas: 1 } }),
    {
      kind: 'replaced',
      because: ['spec.serviceName'],
      data: true,
    },
  )
  assert.equal(become(type, { spec: { replicas: 1 } }, { spec: { replicas: 2 } })?.kind, 'changed')
})

test('an operator that cannot change a volume is in the table too', () => {
  const type = 'kubernetes:clickhouse.altinity.com/v1:ClickHouseInstallation'
  const claim = (storageClassName: string) => ({
    spec: { templates: { volumeClaimTemplates: [{ spec: { storageClassName } }] } },
  })
  assert.equal(become(type, claim('gp2'), claim('gp3'))?.kind, 'replaced')
})

test('of a type that is in no table nothing is promised, except of its tags', () => {
  assert.equal(become('aws:dax/cluster:Cluster', { nodeType: 'a' }, { nodeType: 'b' })?.kind, 'may-replace')
  assert.equal(become('aws:dax/cluster:Cluster', { tags: { a: '1' } }, { tags: { a: '2' } })?.kind, 'changed')
})

test('an option of the program is a change that replaces nothing, and an entry that is the same is no change', () => {
  const type = 'aws:s3/bucket:Bucket'
  const graph = (protect: boolean) => ({ stack: 'prod', resources: [resource(type, {}, { protect })], outputs: {} })
  assert.deepEqual(
    compareStacks('prod', graph(true), graph(false)).map(({ kind, properties }) => [kind, properties]),
    [['changed', [{ path: '(protect)', before: true, after: false }]]],
  )
  assert.deepEqual(compareStacks('prod', graph(true), graph(true)), [])
  assert.deepEqual(
    compareStacks('prod', graph(true), undefined).map(({ kind, data, protect }) => [kind, data, protect]),
    [['deleted', true, true]],
  )
})

test('what stands on a network that is replaced goes with it, though its own entry is the same', () => {
  const of = (cidrBlock: string) => {
    const vpc = resource('aws:ec2/vpc:Vpc', { cidrBlock }, { urn: 'urn:vpc', name: 'network' })
    const subnet = resource(
      'aws:ec2/subnet:Subnet',
      { vpcId: 'network-id' },
      { urn: 'urn:subnet', name: 'zone', dependencies: ['urn:vpc'] },
    )
    const kafka = resource(msk, subnets('zone-id'), { urn: 'urn:kafka', name: 'kafka', dependencies: ['urn:subnet'] })
    const bucket = resource(
      'aws:s3/bucket:Bucket',
      { tags: { vpc: 'network-id' } },
      { urn: 'urn:bucket', name: 'bucket', dependencies: ['urn:vpc'] },
    )
    return { stack: 'prod', resources: [vpc, subnet, kafka, bucket], outputs: {} }
  }
  const changes = compareStacks('prod', of('10.0.0.0/16'), of('10.1.0.0/16'))
  assert.deepEqual(
    changes.map(({ name, kind, carries }) => [name, kind, carries]),
    [['network', 'replaced', ['zone', 'kafka']]],
  )
})

test('a condition of the provider is kept: only a lower version, and only what is taken away', () => {
  assert.equal(become(msk, { kafkaVersion: '3.9.x' }, { kafkaVersion: '4.0.x.kraft' })?.kind, 'changed')
  assert.equal(become(msk, { kafkaVersion: '3.10.x' }, { kafkaVersion: '3.9.x' })?.kind, 'replaced')
  const eks = 'aws:eks/cluster:Cluster'
  const encrypted = (keyArn: string) => ({ encryptionConfig: { provider: { keyArn }, resources: ['secrets'] } })
  assert.equal(become(eks, encrypted('a'), {})?.kind, 'replaced')
  assert.equal(become(eks, {}, encrypted('a'))?.kind, 'changed')
  assert.equal(become('aws:dax/cluster:Cluster', { region: 'a' }, { region: 'b' })?.kind, 'replaced')
})

test('every type of the table is one that the provider has', async () => {
  const { default: aws } = await import('@pulumi/aws')
  const { default: random } = await import('@pulumi/random')
  for (const type of Object.keys(known).filter((one) => !one.startsWith('kubernetes:'))) {
    const [provider, module, name] =
      type.split(/[:/]/).length === 4
        ? [type.split(':')[0], type.split(/[:/]/)[1], type.split(':')[2]]
        : type.split(':')
    const sdk = (provider === 'aws' ? (aws as never)[module as never] : random) as Record<
      string,
      { __pulumiType?: string }
    >
    assert.equal(sdk?.[name as string]?.__pulumiType, type)
  }
})

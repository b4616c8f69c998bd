import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../../../policies/bundle.ts'
import { changed } from '../../../policies/checks/testing/change.ts'
import { instances } from '../../../policies/model/instances.ts'
import type { BuiltStack } from '../build/built.ts'
import { bill, compareBills, headroomLine, total } from './bill.ts'
import { monthlyPrice } from './prices.ts'

/** A stack of prod in its primary region that holds resources of the given types and inputs. */
const stack = (...resources: readonly (readonly [string, Record<string, unknown>])[]): BuiltStack => ({
  stack: 'prod-us-east-1',
  environment: 'prod',
  region: 'us-east-1',
  graph: {
    stack: 'prod-us-east-1',
    outputs: {},
    resources: resources.map(([type, inputs], i) => ({
      urn: `urn:${i}`,
      type,
      name: `${i}`,
      custom: true,
      inputs,
      dependencies: [],
      protect: false,
      retainOnDelete: false,
      ignoreChanges: [],
    })),
  },
})

const line = (stacks: readonly BuiltStack[], service: string, of = policies) =>
  bill(of, stacks).lines.find((one) => one.environment === 'prod' && one.service === service)

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 0.01, `${actual} is not ${expected}`)

test('brokers and their storage are counted from the inputs of the cluster', () => {
  const kafka = stack([
    'aws:msk/cluster:Cluster',
    {
      numberOfBrokerNodes: 6,
      brokerNodeGroupInfo: { instanceType: 'kafka.m7g.xlarge', storageInfo: { ebsStorageInfo: { volumeSize: 1000 } } },
    },
  ])
  near(line([kafka], 'Kafka')?.min, 6 * 0.408 * 730 + 6 * 1000 * 0.1)
})

test('the machines of a node group are those of its launch template, as many as are desired', () => {
  const nodes = stack(
    ['aws:ec2/launchTemplate:LaunchTemplate', { instanceType: 'm7i.large' }],
    ['aws:eks/nodeGroup:NodeGroup', { launchTemplate: { id: '0-id' }, scalingConfig: { desiredSize: 3, maxSize: 4 } }],
  )
  near(line([nodes], 'Machines: system')?.max, 3 * 0.1008 * 730)
})

test('a gateway endpoint is free, an interface endpoint is paid in each zone', () => {
  const type = 'aws:ec2/vpcEndpoint:VpcEndpoint'
  assert.equal(line([stack([type, { vpcEndpointType: 'Gateway' }])], 'Network'), undefined)
  near(
    line([stack([type, { vpcEndpointType: 'Interface', subnetIds: ['a', 'b', 'c'] }])], 'Network')?.max,
    3 * 0.01 * 730,
  )
})

test('machines follow the replicas, and headroom is a line of its own', () => {
  const none = changed({ 'cloud.prod.kubernetes.headroom': {} })
  assert.ok((line([stack()], headroomLine)?.min ?? 0) > 0)
  assert.equal(line([stack()], headroomLine, none), undefined)
  const most = line([stack()], 'Machines: gpu')
  const more = line([stack()], 'Machines: gpu', changed({ 'scaling.ml_inference.actions.max_replicas': 11 }))
  near((more?.max ?? 0) - (most?.max ?? 0), 3 * 0.8048 * 730)
  near(more?.min, most?.min ?? 0)
})

test('what the list does not price is named, and nothing is guessed', () => {
  const { unpriced, lines } = bill(policies, [
    stack(
      ['aws:dax/cluster:Cluster', {}],
      ['aws:eks/nodeGroup:NodeGroup', { instanceTypes: ['z9.huge'] }],
      ['aws:iam/role:Role', {}],
    ),
  ])
  assert.deepEqual(unpriced, ['aws:dax/cluster:Cluster', 'ec2:z9.huge in us-east-1'])
  assert.ok(lines.every(({ min, max }) => Number.isFinite(min) && Number.isFinite(max)))
})

test('every machine, broker and cache node that a policy names has a price in every region of the cloud', () => {
  const wanted = [
    ...Object.keys(instances).map((name) => `ec2:${name}`),
    ...Object.values(policies.cloud).flatMap(({ kafka, cache }) => [`msk:${kafka.instance}`, `cache:${cache.node}`]),
  ]
  const regions = Object.entries(policies.regions).flatMap(([name, { cloud }]) => (cloud ? name : []))
  for (const region of regions) for (const key of wanted) assert.ok(monthlyPrice(key, region), `${key} in ${region}`)
})

test('two bills are compared line by line, and what is gone counts as saved', () => {
  const nat = stack(['aws:ec2/natGateway:NatGateway', {}])
  const changes = compareBills(bill(policies, [nat]), bill(policies, [stack()]))
  const network = changes.find(({ service }) => service === 'Network')
  assert.deepEqual([network?.after, Math.round(network?.before?.max ?? 0)], [undefined, Math.round(0.045 * 730)])
  near(total(changes, 'after', 'max') - total(changes, 'before', 'max'), -0.045 * 730)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { LogKey } from '../logs/log-key.ts'
import { type AwsScope, awsScope } from '../scope.ts'
import { assertTagged, ofType, only, statements } from '../test/graph.ts'
import { addresses } from './addresses.ts'
import { interfaceEndpoints } from './endpoints.ts'
import { Network } from './network.ts'

const staging = awsScope('staging', 'us-east-1', policies)
const prod = awsScope('prod', 'us-east-1', policies)

const program = (scope: AwsScope) => async () => {
  const { arn } = new LogKey('logs', { scope })
  const network = new Network('network', { scope, logKeyArn: arn })
  const { vpcId, cidr, privateSubnetIds, publicSubnetIds, intraSubnetIds } = network
  return { vpcId, cidr, privateSubnetIds, publicSubnetIds, intraSubnetIds, routes: network.privateRouteTableIds }
}
const graph = await recordGraph('prod-us-east-1', program(prod))

test('three zones have a private, a public and an intra subnet each, in their order', () => {
  const found = ofType(graph, 'ec2/subnet:Subnet')
  assert.equal(found.length, 9)
  for (const kind of ['private', 'public', 'intra'])
    assert.deepEqual(
      graph.outputs[`${kind}SubnetIds`],
      ['a', 'b', 'c'].map((letter) => `network-${letter}-${kind}-id`),
    )
  for (const { inputs } of found) assert.equal(inputs.mapPublicIpOnLaunch, false)
  assert.deepEqual(
    found.map(({ inputs }) => [inputs.availabilityZone, inputs.cidrBlock]).sort(),
    addresses(prod)
      .zones.flatMap(({ zone, ...kinds }) => Object.values(kinds).map((range) => [zone, range]))
      .sort(),
  )
  assert.equal(graph.outputs.cidr, only(graph, 'ec2/vpc:Vpc').cidrBlock)
})

test('load balancers and Karpenter find the subnets that are for them', () => {
  const tagsOf = (kind: string) =>
    ofType(graph, 'ec2/subnet:Subnet').find(({ name }) => name.endsWith(kind))?.inputs.tags
  assert.equal(tagsOf('private')['kubernetes.io/role/internal-elb'], '1')
  assert.equal(tagsOf('private')['karpenter.sh/discovery'], 'nd-prod-us-east-1-cluster')
  assert.equal(tagsOf('public')['kubernetes.io/role/elb'], '1')
  for (const kind of ['public', 'intra']) assert.equal(tagsOf(kind)['karpenter.sh/discovery'], undefined)
})

test('each zone of production leaves through its own NAT, staging through one', async () => {
  const ways = (of: typeof graph) =>
    ofType(of, 'ec2/route:Route').flatMap(({ inputs }) => (inputs.natGatewayId ? [inputs.natGatewayId] : []))
  assert.equal(prod.cloud.nat, 'per-zone')
  assert.equal(ofType(graph, 'ec2/natGateway:NatGateway').length, 3)
  assert.equal(new Set(ways(graph)).size, 3)
  assert.equal(staging.cloud.nat, 'one')
  const small = await recordGraph('staging-us-east-1', program(staging))
  assert.equal(ofType(small, 'ec2/natGateway:NatGateway').length, 1)
  assert.equal(ways(small).length, 3)
  assert.equal(new Set(ways(small)).size, 1)
})

test('only the public subnets see the internet, and the intra ones have no way out', () => {
  const routes = ofType(graph, 'ec2/route:Route')
  const open = routes.filter(({ inputs }) => inputs.gatewayId)
  assert.deepEqual(
    open.map(({ inputs }) => inputs.routeTableId),
    ['network-public-id'],
  )
  assert.ok(!routes.some(({ inputs }) => inputs.routeTableId === 'network-intra-id'))
  for (const { name, inputs } of ofType(graph, 'ec2/routeTableAssociation:RouteTableAssociation')) {
    const kind = name.split('-')[2]
    assert.equal(inputs.routeTableId, kind === 'private' ? `${name}-id` : `network-${kind}-id`)
  }
})

test('what nobody chose lets nothing through', () => {
  const group = only(graph, 'ec2/defaultSecurityGroup:DefaultSecurityGroup')
  assert.deepEqual([group.ingress, group.egress], [[], []])
  const table = only(graph, 'ec2/defaultRouteTable:DefaultRouteTable')
  assert.deepEqual(table.routes, [])
  assert.equal(table.defaultRouteTableId, 'network-main')
})

test('no rule lets the world in', () => {
  for (const { inputs } of ofType(graph, 'vpc/securityGroupIngressRule:SecurityGroupIngressRule')) {
    assert.equal(inputs.cidrIpv4, '10.33.0.0/16')
    assert.deepEqual([inputs.fromPort, inputs.toPort], [443, 443])
  }
  for (const { inputs } of ofType(graph, 'ec2/securityGroup:SecurityGroup')) assert.equal(inputs.ingress, undefined)
})

test('all traffic is logged, encrypted, for as long as the policy says', () => {
  const log = only(graph, 'ec2/flowLog:FlowLog')
  assert.equal(log.trafficType, 'ALL')
  assert.equal(log.vpcId, 'network-id')
  const group = only(graph, 'cloudwatch/logGroup:LogGroup')
  assert.equal(log.logDestination, 'arn:aws:cloudwatch:us-east-1:123456789012:network-flow-logs')
  assert.equal(group.retentionInDays, 365)
  assert.match(group.kmsKeyId, /^arn:aws:kms:/)
  const key = only(graph, 'kms/key:Key')
  assert.equal(key.enableKeyRotation, true)
  assert.deepEqual(statements(key.policy).LogsOfThisAccount?.Principal, { Service: ['logs.us-east-1.amazonaws.com'] })
})

test('every endpoint answers this account alone, and S3 is reached without NAT', () => {
  const endpoints = ofType(graph, 'ec2/vpcEndpoint:VpcEndpoint')
  assert.equal(endpoints.length, Object.keys(interfaceEndpoints).length + 1)
  for (const { name, inputs } of endpoints) {
    const own = statements(inputs.policy).OwnAccount
    assert.equal(own?.Condition.StringEquals['aws:PrincipalAccount'], '123456789012', name)
    if (inputs.vpcEndpointType === 'Gateway') continue
    assert.deepEqual(inputs.securityGroupIds, ['network-endpoints-id'])
    assert.equal(inputs.privateDnsEnabled, true)
    assert.equal(inputs.subnetIds.length, 3)
  }
  const s3 = endpoints.find(({ inputs }) => inputs.vpcEndpointType === 'Gateway')?.inputs
  assert.deepEqual(s3?.routeTableIds, [
    'network-a-private-id',
    'network-b-private-id',
    'network-c-private-id',
    'network-intra-id',
  ])
  const policy = statements(s3?.policy)
  assert.equal(policy.OwnAccount?.Condition.StringEquals['aws:ResourceAccount'], '123456789012')
  assert.deepEqual(policy.PublicLayers?.Action, ['s3:GetObject'])
})

test('a workflow takes a role of this account, and no other, through the endpoint of STS', () => {
  const sts = ofType(graph, 'ec2/vpcEndpoint:VpcEndpoint').find(({ inputs }) => inputs.serviceName.endsWith('.sts'))
  const { OwnRolesByToken: token } = statements(sts?.inputs.policy)
  assert.deepEqual(token?.Action, ['sts:AssumeRoleWithWebIdentity'])
  assert.deepEqual(token?.Condition, { StringEquals: { 'aws:ResourceAccount': '123456789012' } })
})

test('everything that can carry tags carries all of them', () => assert.ok(assertTagged(graph, prod) > 40))

test('nothing depends on what only the cloud knows', async () => {
  const first = await recordGraph('prod-us-east-1', program(prod), { unknowns: true })
  assert.deepEqual(
    first.resources.map(({ urn }) => urn),
    graph.resources.map(({ urn }) => urn),
  )
  assert.equal(first.outputs.vpcId, unknown)
  assert.equal(first.outputs.cidr, '10.33.0.0/16')
})

test('the key may come from elsewhere', async () => {
  const given = await recordGraph('prod-us-east-1', async () => {
    new Network('network', { scope: prod, logKeyArn: output('arn:given') })
    return {}
  })
  assert.equal(only(given, 'cloudwatch/logGroup:LogGroup').kmsKeyId, 'arn:given')
})

test('a policy that gives no addresses is named', async () => {
  const bad = { ...prod, cloud: { ...prod.cloud, network: 16 } }
  await assert.rejects(recordGraph('bad', program(bad)), /^RangeError: cloud\.network \(16\) must be/)
  const forgetful = { ...prod, cloud: { ...prod.cloud, logRetention: '2d' } } as const
  await assert.rejects(recordGraph('bad', program(forgetful)), /^RangeError: cloud\.logRetention \(2d\)/)
})

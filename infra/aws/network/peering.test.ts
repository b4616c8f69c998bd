import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, ofType, only } from '../test/graph.ts'
import { addresses } from './addresses.ts'
import { Peering, type PeeringSide } from './peering.ts'

const east = awsScope('prod', 'us-east-1', policies)
const west = awsScope('prod', 'us-west-2', policies)
const side = (scope: typeof east, tables = 4): PeeringSide => ({
  scope,
  vpcId: output(`vpc-${scope.region}`),
  cidr: addresses(scope).network,
  routeTableIds: Array.from({ length: tables }, (_, i) => output(`rtb-${scope.region}-${i}`)),
})
const program = (requester: PeeringSide, accepter: PeeringSide) => async () => {
  const { id } = new Peering('east-west', { requester, accepter })
  return { id }
}
const graph = await recordGraph('prod-links', program(side(east), side(west)))

test('each end is asked and answers in its own region', () => {
  const asked = only(graph, 'ec2/vpcPeeringConnection:VpcPeeringConnection')
  assert.deepEqual(
    [asked.region, asked.vpcId, asked.peerRegion, asked.peerVpcId, asked.autoAccept],
    ['us-east-1', 'vpc-us-east-1', 'us-west-2', 'vpc-us-west-2', false],
  )
  const answer = only(graph, 'ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter')
  assert.deepEqual([answer.region, answer.autoAccept], ['us-west-2', true])
  assert.equal(answer.vpcPeeringConnectionId, graph.outputs.id)
})

test('every table of either end knows the way to the other, once it is accepted', () => {
  const routes = ofType(graph, 'ec2/route:Route')
  assert.deepEqual(
    routes.map(({ inputs }) => [inputs.region, inputs.routeTableId, inputs.destinationCidrBlock]),
    [
      ...[0, 1, 2, 3].map((i) => ['us-east-1', `rtb-us-east-1-${i}`, '10.35.0.0/16']),
      ...[0, 1, 2, 3].map((i) => ['us-west-2', `rtb-us-west-2-${i}`, '10.33.0.0/16']),
    ],
  )
  for (const { dependencies } of routes)
    assert.ok(dependencies.some((urn) => urn.includes('VpcPeeringConnectionAccepter')))
})

test('each end carries the tags of its region', () => {
  const [asked, answer] = ['VpcPeeringConnection', 'VpcPeeringConnectionAccepter'].map((kind) => ({
    ...graph,
    resources: graph.resources.filter(({ type }) => type.endsWith(`:${kind}`)),
  }))
  assert.equal(assertTagged(asked ?? graph, east), 1)
  assert.equal(assertTagged(answer ?? graph, west), 1)
})

test('it can be planned before it stands', async () => {
  const first = await recordGraph('prod-links', program(side(east), side(west)), { unknowns: true })
  assert.equal(first.outputs.id, unknown)
  assert.equal(first.resources.length, graph.resources.length)
})

test('ends that cannot be joined are named', async () => {
  const refused = (a: PeeringSide, b: PeeringSide, message: string) =>
    assert.rejects(recordGraph('bad', program(a, b)), { name: 'RangeError', message })
  await refused(side(east), side(east), 'east-west: both ends are in us-east-1; name two regions.')
  await refused(
    side(east),
    side(awsScope('staging', 'us-west-2', policies)),
    "east-west: 'prod' and 'staging' are never joined.",
  )
  await refused(side(east), side(west, 0), 'east-west: accepter.routeTableIds is empty, so nothing would find the way.')
})

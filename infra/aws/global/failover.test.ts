import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { ofType } from '../test/graph.ts'
import { assertTaggedByRegion } from '../test/regions.ts'
import { answering, Failover } from './failover.ts'

const [first, ...others] = ['us-east-1', 'us-east-2', 'us-west-2'].map((region) => awsScope('prod', region, policies))
const scopes = [first!, ...others] as const
const program = (standIn?: string) => async () => ({
  ...new Failover('failover', { scopes, zoneId: 'Z1', standIn }).healthChecks,
})
const graph = await recordGraph('prod-links', program())

test('the primary answers, then the secondary; DR only in the place of one that is lost', () => {
  assert.deepEqual(answering(policies, 'prod'), ['us-east-1', 'us-east-2'])
  assert.deepEqual(answering(policies, 'prod', 'us-west-2'), ['us-west-2', 'us-east-2'])
  assert.deepEqual(answering(policies, 'prod', 'us-east-2'), ['us-east-2'])
  const alone: Policies = {
    ...policies,
    environments: {
      ...policies.environments,
      prod: { ...policies.environments.prod!, regions: ['us-east-1', 'us-west-2'] },
    },
  }
  assert.deepEqual(answering(alone, 'prod'), ['us-east-1'])
  assert.throws(() => answering(policies, 'prod', 'local'), {
    name: 'RangeError',
    message: 'standIn (local) must be a region of prod: us-east-1, us-east-2, us-west-2.',
  })
})

test('every entry of every region is looked at over TLS, DR too', () => {
  const checks = ofType(graph, 'route53/healthCheck:HealthCheck')
  assert.equal(checks.length, 6)
  for (const { inputs } of checks)
    assert.deepEqual([inputs.type, inputs.port, inputs.resourcePath], ['HTTPS', 443, '/readyz'])
  assert.ok(checks.some(({ inputs }) => inputs.fqdn === 'analytics.us-west-2.neurodefender.example'))
  assert.equal(Object.keys(graph.outputs).length, 6)
})

test('each record follows the health of the region that it leads to', () => {
  const records = ofType(graph, 'route53/record:Record')
  assert.equal(records.length, 4)
  for (const { inputs } of records) {
    const region = inputs.records[0].split('.')[1]
    const service = inputs.name.split('.')[0]
    assert.equal(inputs.healthCheckId, `nd-prod-${region}-${service}-id`)
    assert.equal(inputs.failoverRoutingPolicies[0].type, region === 'us-east-1' ? 'PRIMARY' : 'SECONDARY')
    assert.ok(inputs.ttl <= 60)
  }
})

test('all carries our tags; checks stay unknown until AWS answers', async () => {
  assertTaggedByRegion(graph, scopes)
  const early = await recordGraph('prod-links', program(), { unknowns: true })
  assert.deepEqual(new Set(Object.values(early.outputs)), new Set([unknown]))
})

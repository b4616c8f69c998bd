import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, type Inputs, only } from '../test/graph.ts'
import { Firewall } from './firewall.ts'

const prod = (of: Policies = policies) => awsScope('prod', 'us-east-2', of)
const program = (of?: Policies) => async () => ({
  arn: new Firewall('firewall', { scope: prod(of), logKeyArn: 'arn:key' }).arn,
})
const graph = await recordGraph('prod', program())
const acl = only(graph, 'wafv2/webAcl:WebAcl')
const rule = (name: string): Inputs => acl.rules.find((one: Inputs) => one.name === name)

test('one address gets from an entry what one pod is made for, and is refused beyond it', () => {
  for (const [service, perSecond] of [
    ['event-collector', 400],
    ['analytics', 50],
  ] as const) {
    const { action, statement } = rule(`rate-${service}`)
    assert.deepEqual(action, { block: {} })
    const { limit, evaluationWindowSec, scopeDownStatement } = statement.rateBasedStatement
    assert.deepEqual([limit, evaluationWindowSec], [perSecond * 300, 300])
    assert.deepEqual(
      [scopeDownStatement.byteMatchStatement.searchString, scopeDownStatement.byteMatchStatement.positionalConstraint],
      [`${service}.`, 'STARTS_WITH'],
    )
  }
})

test('known attacks are refused everywhere but in bodies, which are what customers send us attacks in', () => {
  const { statement, overrideAction } = rule('AWSManagedRulesCommonRuleSet')
  assert.deepEqual(overrideAction, { none: {} })
  const counted = statement.managedRuleGroupStatement.ruleActionOverrides.map(({ name }: Inputs) => name)
  assert.ok(counted.includes('CrossSiteScripting_BODY'))
  assert.ok(!counted.some((name: string) => /URIPATH|QUERY|COOKIE/.test(name)))
  assert.ok(rule('AWSManagedRulesAmazonIpReputationList'))
  assert.ok(rule('AWSManagedRulesKnownBadInputsRuleSet'))
  const priorities = acl.rules.map(({ priority }: Inputs) => priority)
  assert.equal(new Set(priorities).size, priorities.length)
})

test('it stands in its region, and its logs hold no token', () => {
  const logging = only(graph, 'wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration')
  assert.deepEqual(logging.redactedFields, [{ singleHeader: { name: 'authorization' } }])
  const group = only(graph, 'cloudwatch/logGroup:LogGroup')
  assert.match(group.name, /^aws-waf-logs-/)
  for (const { region } of [acl, logging, group]) assert.equal(region, 'us-east-2')
  assertTagged(graph, prod())
})

test('it stays unknown until AWS answers', async () => {
  assert.deepEqual((await recordGraph('prod', program(), { unknowns: true })).outputs, { arn: unknown })
})

test('an entry without a rate is refused', async () => {
  const { analytics: _, ...scaling } = policies.scaling
  await assert.rejects(
    recordGraph('prod', program({ ...policies, scaling })),
    /'analytics' is open to the internet and must scale by 'qps': its rate has no limit otherwise\./,
  )
})

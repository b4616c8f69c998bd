import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statements } from '../infra/aws/test/graph.ts'
import type { GraphResource, StackGraph } from '../infra/graph/graph.ts'
import { recordGraph } from '../infra/graph/record.ts'
import { policies } from '../policies/bundle.ts'
import { globalStack } from './global.ts'
import { linksStack } from './links.ts'
import { type CloudStack, cloudStacks } from './names.ts'
import { regionStack } from './region.ts'
import { exampleRegion } from './testing/region.ts'

/** Modules of the provider whose actions IAM knows under another name. */
const services: Readonly<Record<string, string>> = { acmpca: 'acm-pca', msk: 'kafka', vpc: 'ec2' }
const byType: Readonly<Record<string, string>> = {
  'aws:cloudwatch/logGroup:LogGroup': 'logs',
  'aws:cloudwatch/eventRule:EventRule': 'events',
  'aws:cloudwatch/eventTarget:EventTarget': 'events',
}

/** Which input is the name that the rights go by. */
const calledBy: Readonly<Record<string, string>> = {
  'aws:cloudtrail/trail:Trail': 'name',
  'aws:cloudwatch/eventRule:EventRule': 'name',
  'aws:cloudwatch/metricAlarm:MetricAlarm': 'name',
  'aws:codebuild/project:Project': 'name',
  'aws:eks/cluster:Cluster': 'name',
  'aws:elasticache/parameterGroup:ParameterGroup': 'name',
  'aws:elasticache/replicationGroup:ReplicationGroup': 'replicationGroupId',
  'aws:elasticache/subnetGroup:SubnetGroup': 'name',
  'aws:iam/role:Role': 'name',
  'aws:msk/cluster:Cluster': 'clusterName',
  'aws:msk/configuration:Configuration': 'name',
  'aws:msk/replicator:Replicator': 'replicatorName',
  'aws:s3/bucket:Bucket': 'bucket',
  'aws:sqs/queue:Queue': 'name',
  'aws:ssm/document:Document': 'name',
  'aws:wafv2/webAcl:WebAcl': 'name',
}

const find = <Kind extends CloudStack['kind']>(kind: Kind, name: string) =>
  cloudStacks(policies).find((stack) => stack.kind === kind && stack.name === name) as CloudStack & { kind: Kind }

const shared = await recordGraph('prod', () => globalStack(find('global', 'prod'), policies))
const outputs = {
  prod: shared.outputs,
  ...Object.fromEntries(
    policies.environments.prod!.regions.map((region) => [`prod-${region}`, exampleRegion('prod', region)]),
  ),
}

const rightsOf = (role: string) => {
  const policy = (type: string, id: string) =>
    statements(shared.resources.find((one) => one.type === type && one.name === id)?.inputs.policy)
  return [
    ...Object.values(policy('aws:iam/rolePolicy:RolePolicy', `nd-prod-ci-${role}`)),
    ...Object.values(policy('aws:iam/policy:Policy', 'nd-prod-ci-limits')),
  ]
}

/** What the rights of a role lack for a stack: services of AWS, names of things, services that a role is handed to. */
function lacking(graph: StackGraph, role: string): string[] {
  const allowed = rightsOf(role).filter(({ Effect }) => Effect === 'Allow')
  const may = new Set(allowed.flatMap(({ Action }) => Action.map((action: string) => action.split(':')[0])))
  const ours = allowed
    .find(({ Sid }) => Sid === 'OwnIam')
    ?.Resource.find((arn: string) => arn.includes(':role/')) as string
  const handed: string[] = allowed.find(({ Sid }) => Sid === 'HandRoles')?.Condition.StringEquals['iam:PassedToService']
  const own = ours.slice(ours.indexOf(':role/') + ':role/'.length, -1)
  return [...new Set(graph.resources.filter(({ type, custom }) => custom && type.startsWith('aws:')).flatMap(lacks))]

  function lacks({ type, name, inputs }: GraphResource): string[] {
    const module = type.split(/[:/]/)[1]!
    const service = byType[type] ?? services[module] ?? module
    const missing = may.has(service) ? [] : [`${type} needs ${service}:*`]
    const called = calledBy[type]
    const strange =
      called && !String(inputs[called]).startsWith(own) ? [`${type} ${name}: ${called} must begin with '${own}'`] : []
    if (type !== 'aws:iam/role:Role' || String(inputs.name).includes('-ci-')) return [...missing, ...strange]
    const trusted = JSON.parse(String(inputs.assumeRolePolicy)).Statement.flatMap(
      ({ Principal }: { Principal: { Service?: string[] } }) => Principal.Service ?? [],
    )
    return [
      ...missing,
      ...strange,
      ...trusted
        .filter((one: string) => !handed.includes(one))
        .map((one: string) => `'${inputs.name}' cannot be handed to ${one}`),
    ]
  }
}

test('the roles of CI are enough for what they deploy', async () => {
  const region = await recordGraph('prod-us-east-2', () => regionStack(find('region', 'prod-us-east-2'), policies), {
    outputs,
  })
  assert.deepEqual(lacking(region, 'deploy-us-east-2'), [])
  const links = await recordGraph('prod-links', () => linksStack(find('links', 'prod-links'), policies), { outputs })
  assert.deepEqual(lacking(links, 'deploy-global'), [])
  assert.deepEqual(lacking(shared, 'deploy-global'), [])
})

test('and not for the region beside it', async () => {
  const other = await recordGraph('prod-us-west-2', () => regionStack(find('region', 'prod-us-west-2'), policies), {
    outputs,
  })
  assert.ok(
    lacking(other, 'deploy-us-east-2').some((text) =>
      text.endsWith("clusterName must begin with 'nd-prod-us-east-2-'"),
    ),
  )
})

const managed = 6_144

test('every role that CI makes has the boundary, which allows what its policies say', async () => {
  const region = await recordGraph('prod-us-east-2', () => regionStack(find('region', 'prod-us-east-2'), policies), {
    outputs,
  })
  const links = await recordGraph('prod-links', () => linksStack(find('links', 'prod-links'), policies), { outputs })
  const all = [shared, region, links].flatMap(({ resources }) => resources)
  const made = all.find(({ type, inputs }) => type === 'aws:iam/policy:Policy' && inputs.name === 'nd-prod-ci-boundary')
  assert.ok(made && String(made.inputs.policy).length <= managed)
  const roles = all.filter(
    ({ type, inputs }) => type === 'aws:iam/role:Role' && !String(inputs.name).startsWith('nd-prod-ci-'),
  )
  assert.ok(roles.length > 10)
  for (const { urn, inputs } of roles)
    assert.match(String(inputs.permissionsBoundary), /^arn:aws:iam::\d+:policy\/nd-prod-ci-boundary$/, urn)

  const bounds = Object.values(statements(made.inputs.policy))
  const matches = (pattern: string, action: string) =>
    new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action)
  const covered = (effect: string, action: string) =>
    bounds.some(
      ({ Effect, Resource, Action }) =>
        Effect === effect &&
        (effect === 'Allow' || Resource.includes('*')) &&
        Action.some((one: string) => matches(one, action)),
    )
  const given = all
    .filter(({ type, name }) => type === 'aws:iam/rolePolicy:RolePolicy' && !name.startsWith('nd-prod-ci-'))
    .flatMap(({ inputs }) => Object.values(statements(inputs.policy)))
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action }) => Action as string[])
  assert.deepEqual([...new Set(given.filter((action) => !covered('Allow', action)))], [])
  for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy', 'sts:AssumeRole'])
    assert.ok(!covered('Allow', action), action)
})

test('CI gives rights only to roles within the boundary, and lifts or changes it nowhere', () => {
  for (const role of ['deploy-us-east-2', 'deploy-global']) {
    const rights = rightsOf(role)
    for (const action of ['CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'PutRolePermissionsBoundary'])
      for (const { Effect, Action, Condition } of rights)
        if (Effect === 'Allow' && Action.includes(`iam:${action}`))
          assert.match(Condition?.StringEquals['iam:PermissionsBoundary'], /:policy\/nd-prod-ci-boundary$/)
    assert.ok(
      rights.every(({ Effect, Action }) => Effect === 'Deny' || !Action.includes('iam:DeleteRolePermissionsBoundary')),
    )
    const small = rights.find(({ Sid }) => Sid === 'StaysSmall')
    assert.ok(small?.Resource.some((arn: string) => arn.endsWith(':policy/nd-prod-ci-*')))
  }
})

test('the boundary stands before the first role that names it', () => {
  const named = (name: string) => shared.resources.find((resource) => resource.name === name)
  const role = shared.resources.find(({ type, name }) => type === 'aws:iam/role:Role' && name.endsWith('-registry'))
  assert.ok(role?.dependencies.includes(named('nd-prod-ci-boundary')?.urn ?? 'none'))
})

test('a deploy role writes the state of its own stacks alone', () => {
  const written = (role: string): readonly string[] => {
    const policy = shared.resources.find(
      ({ type, name }) => type === 'aws:iam/rolePolicy:RolePolicy' && name === `nd-prod-ci-${role}`,
    )
    const { Statement } = JSON.parse(String(policy?.inputs.policy)) as {
      Statement: { Sid: string; Resource: string | string[] }[]
    }
    const found = Statement.find(({ Sid }) => Sid === 'StateWrite')?.Resource ?? []
    return [found].flat().map((resource) => resource.slice(resource.indexOf('/.pulumi/')))
  }
  const own = written('deploy-us-east-2')
  assert.ok(own.includes('/.pulumi/stacks/neurodefender/prod-us-east-2.json*'))
  assert.ok(
    own.every((resource) => /\/prod-us-east-2(-services)?(\.json\*|\/\*)$/.test(resource)),
    own.join(),
  )
  const shares = written('deploy-global')
  assert.ok(
    shares.every((resource) => /\/prod(-links)?(\.json\*|\/\*)$/.test(resource)),
    shares.join(),
  )
})

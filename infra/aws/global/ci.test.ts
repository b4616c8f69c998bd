import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { type Policies, policies } from '../../../policies/bundle.ts'
import { exampleAccount } from '../../graph/answers.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, type Inputs, ofType, only, statements } from '../test/graph.ts'
import { Ci } from './ci.ts'

const regions = ['us-east-1', 'us-east-2', 'us-west-2']
const scopesOf = (of: Policies) => {
  const [first, ...others] = regions.map((region) => awsScope('prod', region, of))
  return [first!, ...others] as const
}
const program =
  (of: Policies = policies) =>
  async () => ({
    ...new Ci('ci', {
      scopes: scopesOf(of),
      accountId: output(exampleAccount),
      repositoryArns: ['arn:aws:ecr:us-east-1:1:repository/nd-prod/topics'],
    }).deployRoleArns,
  })
const graph = await recordGraph('prod', program())
const limits = only(graph, 'iam/policy:Policy')
/** The statements of a role's own policy and, where they are attached, of the limits. */
const rights = (role: string): Readonly<Record<string, Inputs>> => {
  const id = `nd-prod-ci-${role}`
  const own = ofType(graph, 'iam/rolePolicy:RolePolicy').find(({ name }) => name === id)?.inputs.policy
  const limited = ofType(graph, 'iam/rolePolicyAttachment:RolePolicyAttachment').some(
    ({ name, inputs }) =>
      name === `${id}-limits` && inputs.role === id && String(inputs.policyArn).endsWith(limits.name),
  )
  return { ...statements(own), ...(limited ? statements(limits.policy) : {}) }
}

test('each role trusts exactly one subject of the repository, and no pull request', () => {
  const trust = Object.fromEntries(
    ofType(graph, 'iam/role:Role').map(({ name, inputs }) => {
      const { Workflow } = statements(inputs.assumeRolePolicy)
      assert.deepEqual(Object.keys(Workflow?.Condition), ['StringEquals'])
      assert.equal(Workflow?.Condition.StringEquals['token.actions.githubusercontent.com:aud'], 'sts.amazonaws.com')
      return [
        name.replace('nd-prod-ci-', ''),
        Workflow?.Condition.StringEquals['token.actions.githubusercontent.com:sub'],
      ]
    }),
  )
  const of = `repo:${policies.cloud.prod!.repository}`
  assert.deepEqual(trust, {
    'deploy-global': `${of}:environment:prod-global`,
    'deploy-us-east-1': `${of}:environment:prod-us-east-1`,
    'deploy-us-east-2': `${of}:environment:prod-us-east-2`,
    'deploy-us-west-2': `${of}:environment:prod-us-west-2`,
    images: `${of}:ref:refs/heads/main`,
    preview: `${of}:ref:refs/heads/main`,
  })
})

test('a preview reads settings, writes nothing and sees no data', () => {
  const all = rights('preview')
  const allowed = Object.values(all).filter(({ Effect }) => Effect === 'Allow')
  for (const { Action } of allowed)
    for (const action of Action) assert.match(action, /^(s3:(Get|List)|kms:(Decrypt|DescribeKey)$)/)
  assert.equal(all.NoData?.Effect, 'Deny')
  assert.deepEqual(
    all.NoData?.Resource,
    regions.map((region) => `arn:aws:s3:::nd-prod-${region}-*`),
  )
  assert.equal(all.StateSecrets?.Condition['ForAnyValue:StringEquals']['kms:ResourceAliases'], 'alias/nd-prod-pulumi')
  const attached = ofType(graph, 'iam/rolePolicyAttachment:RolePolicyAttachment').filter(
    ({ inputs }) => inputs.role === 'nd-prod-ci-preview',
  )
  assert.deepEqual(
    attached.map(({ inputs }) => inputs.policyArn),
    ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  )
})

test('whoever pushes images can push them, and nothing else', () => {
  const { SignIn, Push, ...rest } = rights('images')
  assert.deepEqual(rest, {})
  assert.deepEqual(SignIn?.Action, ['ecr:GetAuthorizationToken'])
  assert.deepEqual(Push?.Resource, ['arn:aws:ecr:us-east-1:1:repository/nd-prod/topics'])
  assert.ok(!Push?.Action.some((action: string) => /Delete|\*/.test(action)))
})

test('who deploys a region reaches no other: by its name, or by the region that is asked', () => {
  for (const region of regions) {
    const everywhere = [
      'ReadIam',
      'RolesOfServices',
      'StateList',
      'StateRead',
      'StateSecrets',
      'StateWrite',
      'StateEncrypt',
    ]
    for (const { Sid, Effect, Resource, Condition } of Object.values(rights(`deploy-${region}`))) {
      if (Effect !== 'Allow' || everywhere.includes(Sid)) continue
      // Names have no region: Route 53 answers from one place, and whose a record is its name tells.
      if (Sid === 'Zones')
        assert.deepEqual(Condition.StringEquals['aws:RequestedRegion'], [...new Set([region, 'us-east-1'])])
      else if (Sid === 'OwnNames')
        for (const name of Condition['ForAllValues:StringLike'][
          'route53:ChangeResourceRecordSetsNormalizedRecordNames'
        ])
          assert.ok(name.startsWith(`*.${region}.`), name)
      else if (Resource.includes('*')) assert.deepEqual(Condition.StringEquals['aws:RequestedRegion'], [region], Sid)
      else for (const arn of Resource) assert.ok(arn.includes(region), `${Sid}: ${arn}`)
    }
    for (const arn of rights(`deploy-${region}`).OwnIam!.Resource)
      assert.match(arn, new RegExp(`/nd-prod-${region}-\\*$`))
  }
})

test("the state is read and written, and its bucket is nobody's to change", () => {
  for (const role of [...regions, 'global'])
    for (const { Sid, Effect, Action, Resource } of Object.values(rights(`deploy-${role}`)))
      if (Effect === 'Allow' && !Sid.startsWith('State') && Action.some((action: string) => action.startsWith('s3:')))
        for (const arn of Resource) assert.match(arn, /^arn:aws:s3:::nd-prod-us-(east|west)-\d-\*$/)
})

test('no workflow ends data, or makes a role of CI stronger', () => {
  for (const role of [...regions, 'global']) {
    const { NeverEndsData, NoData, StaysSmall, DisksStay } = rights(`deploy-${role}`)
    assert.deepEqual([NeverEndsData?.Effect, NoData?.Effect, DisksStay?.Effect], ['Deny', 'Deny', 'Deny'])
    for (const action of ['ec2:DeleteVolume', 'ec2:DeleteSnapshot', 'ec2:ModifySnapshotAttribute'])
      assert.ok(DisksStay?.Action.includes(action), action)
    assert.ok(NoData?.Action.includes('s3:DeleteObject'))
    for (const action of [
      's3:DeleteBucket',
      'eks:DeleteCluster',
      'kafka:DeleteCluster',
      'kms:ScheduleKeyDeletion',
      'ecr:DeleteRepository',
    ])
      assert.ok(NeverEndsData?.Action.includes(action), action)
    assert.equal(StaysSmall?.Effect, 'Deny')
    for (const action of [
      'iam:PutRolePolicy',
      'iam:AttachRolePolicy',
      'iam:UpdateAssumeRolePolicy',
      'iam:CreateAccessKey',
    ])
      assert.ok(
        StaysSmall?.Action.some((pattern: string) => action.startsWith(pattern.slice(0, -1))),
        action,
      )
    assert.ok(StaysSmall?.Resource.includes(`arn:aws:iam::${exampleAccount}:role/nd-prod-ci-*`))
  }
})

/** Whether an action is allowed by one of these statements; conditions and resources are not looked at. */
const says = (effect: 'Allow' | 'Deny', of: Readonly<Record<string, Inputs>>, action: string): Inputs | undefined =>
  Object.values(of).find(
    ({ Effect, Action }) =>
      Effect === effect &&
      Action.some((pattern: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action)),
  )

test('a workflow looks at buckets and sets none', () => {
  for (const role of [...regions, 'global']) {
    const all = rights(`deploy-${role}`)
    for (const action of [
      's3:CreateBucket',
      's3:PutBucketObjectLockConfiguration',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
      's3:PutLifecycleConfiguration',
      's3:PutReplicationConfiguration',
    ]) {
      assert.equal(says('Allow', all, action), undefined, action)
      assert.deepEqual(says('Deny', all, action)?.Resource, ['*'], action)
    }
    for (const action of ['s3:GetBucketPolicy', 's3:GetReplicationConfiguration', 's3:ListBucket'])
      assert.ok(says('Allow', all, action), action)
    assert.equal(says('Deny', all, 's3:GetBucketPolicy'), undefined)
  }
})

test('a workflow uses keys through services alone, but that of the state, and takes no other role', () => {
  for (const role of [...regions, 'global']) {
    const all = rights(`deploy-${role}`)
    for (const { Sid, Effect, Action, Condition } of Object.values(all)) {
      const use = Action.filter((action: string) => /^kms:(Decrypt|Encrypt|GenerateDataKey|ReEncrypt)/.test(action))
      if (Effect !== 'Allow' || use.length === 0) continue
      if (Sid.startsWith('State'))
        assert.deepEqual(Condition['ForAnyValue:StringEquals'], { 'kms:ResourceAliases': 'alias/nd-prod-pulumi' })
      else
        for (const service of Condition.StringLike['kms:ViaService'])
          assert.match(service, /^(ec2|ecr|eks|elasticache|kafka)\.\*\./)
    }
    const { NoBareKeys, NoBareGrants, StateAliasStays } = all
    assert.deepEqual(NoBareKeys?.Condition['ForAllValues:StringNotEquals'], {
      'kms:ResourceAliases': 'alias/nd-prod-pulumi',
    })
    assert.ok(!NoBareKeys?.Condition.StringNotLike['kms:ViaService'].some((one: string) => one.startsWith('s3.')))
    assert.deepEqual(NoBareGrants?.Condition, { Bool: { 'kms:GrantIsForAWSResource': 'false' } })
    assert.deepEqual(StateAliasStays?.Resource, [`arn:aws:kms:*:${exampleAccount}:alias/nd-prod-pulumi`])
    assert.deepEqual(says('Deny', all, 'sts:AssumeRole')?.Resource, ['*'])
  }
})

test('the rights of each role fit into what IAM takes', () => {
  assert.ok(limits.policy.length <= 6_144, `${limits.name}: ${limits.policy.length} characters`)
  for (const { name, inputs } of ofType(graph, 'iam/rolePolicy:RolePolicy'))
    assert.ok(inputs.policy.length <= 10_240, `${name}: ${inputs.policy.length} characters`)
})

test('all carries our tags; roles stay unknown until AWS answers', async () => {
  assert.equal(assertTagged(graph, scopesOf(policies)[0]), 8)
  const early = await recordGraph('prod', program(), { unknowns: true })
  assert.deepEqual(new Set(Object.values(early.outputs)), new Set([unknown]))
})

test('what is no repository is refused', async () => {
  const bad = {
    ...policies,
    cloud: { ...policies.cloud, prod: { ...policies.cloud.prod!, repository: 'neurodefender' } },
  }
  await assert.rejects(
    recordGraph('prod', program(bad)),
    /cloud\.prod\.repository \(neurodefender\) must be OWNER\/NAME\./,
  )
})

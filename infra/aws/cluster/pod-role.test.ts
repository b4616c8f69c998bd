import assert from 'node:assert/strict'
import { test } from 'node:test'
import aws from '@pulumi/aws'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { awsScope } from '../scope.ts'
import { assertTagged, only, statements } from '../test/graph.ts'
import { PodRole, type PodRoleArgs } from './pod-role.ts'

const scope = awsScope('prod', 'us-east-2', policies)
const program =
  (args: Partial<PodRoleArgs> = {}) =>
  async () => {
    const bucket = new aws.s3.Bucket('events', { bucket: 'events', tags: {} })
    const { arn, roleName } = new PodRole('mover', {
      scope,
      cluster: output('nd-prod-us-east-2-cluster'),
      namespace: 'siem',
      serviceAccount: 'tier-mover',
      component: 'object-store',
      statements: [{ sid: 'Move', actions: ['s3:PutObject'], resources: [bucket.arn] }],
      ...args,
    })
    return { arn, roleName }
  }

test('only Pod Identity takes the role, and only for this account’s one service account', async () => {
  const graph = await recordGraph('pod', program())
  const { PodsOfOneServiceAccount: trust, ...others } = statements(only(graph, 'iam/role:Role').assumeRolePolicy)
  assert.deepEqual(others, {})
  assert.deepEqual(trust?.Principal, { Service: ['pods.eks.amazonaws.com'] })
  assert.deepEqual(trust?.Action, ['sts:AssumeRole', 'sts:TagSession'])
  assert.deepEqual(trust?.Condition.StringEquals, {
    'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-east-2:123456789012:cluster/nd-prod-us-east-2-cluster',
    'aws:RequestTag/kubernetes-namespace': 'siem',
    'aws:RequestTag/kubernetes-service-account': 'tier-mover',
  })
})

test('the pods get the role, and with it what was said', async () => {
  const graph = await recordGraph('pod', program({ managed: ['service-role/AmazonEBSCSIDriverPolicy'] }))
  assert.deepEqual(graph.outputs, {
    arn: 'arn:aws:iam::123456789012:role/nd-prod-us-east-2-siem-tier-mover',
    roleName: 'nd-prod-us-east-2-siem-tier-mover',
  })
  const association = only(graph, 'eks/podIdentityAssociation:PodIdentityAssociation')
  assert.deepEqual(
    [association.clusterName, association.namespace, association.serviceAccount, association.roleArn],
    ['nd-prod-us-east-2-cluster', 'siem', 'tier-mover', graph.outputs.arn],
  )
  const rights = statements(only(graph, 'iam/rolePolicy:RolePolicy').policy)
  assert.deepEqual(rights.Move?.Resource, ['arn:aws:s3:::events'])
  assert.equal(
    only(graph, 'iam/rolePolicyAttachment:RolePolicyAttachment').policyArn,
    'arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy',
  )
  const own = { ...graph, resources: graph.resources.filter(({ name }) => name !== 'events') }
  assert.equal(assertTagged(own, scope), 2)
})

test('it can be planned before anything stands', async () => {
  const graph = await recordGraph('pod', program(), { unknowns: true })
  assert.equal(only(graph, 'iam/rolePolicy:RolePolicy').policy, unknown)
  assert.equal(only(graph, 'eks/podIdentityAssociation:PodIdentityAssociation').namespace, 'siem')
})

test('what cannot be is named', async () => {
  const refused = (args: Partial<PodRoleArgs>, message: string) =>
    assert.rejects(recordGraph('pod', program(args)), { name: 'RangeError', message: `PodRole mover: ${message}` })
  await refused({ namespace: 'SIEM' }, "namespace 'SIEM' is not a name of Kubernetes.")
  await refused({ statements: [] }, 'it allows nothing: give statements or managed policies.')
  const long = 'a'.repeat(50)
  await refused(
    { serviceAccount: long },
    `'nd-prod-us-east-2-siem-${long}' is 73 characters long, and a role of IAM has at most 64: shorten serviceAccount.`,
  )
})

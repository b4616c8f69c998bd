import assert from 'node:assert/strict'
import { test } from 'node:test'
import { output } from '@pulumi/pulumi'
import { policies } from '../../../policies/bundle.ts'
import { changed } from '../../../policies/checks/testing/change.ts'
import { PolicyError } from '../../../policies/model/finding.ts'
import { unknown } from '../../graph/graph.ts'
import { recordGraph } from '../../graph/record.ts'
import { LogKey } from '../logs/log-key.ts'
import { Network } from '../network/network.ts'
import { type AwsScope, awsScope } from '../scope.ts'
import { assertTagged, ofType, only } from '../test/graph.ts'
import { addonStages } from './addons.ts'
import { Cluster, type ClusterArgs } from './cluster.ts'

const prod = awsScope('prod', 'us-east-1', policies)
const access = { admin: output('arn:admin'), deploy: output('arn:deploy'), preview: 'arn:preview' }

const program =
  (scope: AwsScope, more: Partial<ClusterArgs> = {}) =>
  async () => {
    const { arn } = new LogKey('logs', { scope })
    const network = new Network('network', { scope, logKeyArn: arn })
    const cluster = new Cluster('cluster', { scope, network, logKeyArn: arn, access, ...more })
    const { name, endpoint, certificateAuthority, securityGroupId, nodeRoleName, tunnel } = cluster
    const { clientSecurityGroupId, interruptionQueue } = cluster
    return {
      ...{ name, endpoint, certificateAuthority, securityGroupId, nodeRoleName, tunnel },
      ...{ clientSecurityGroupId, interruptionQueue },
    }
  }
const graph = await recordGraph('prod-us-east-1', program(prod))
const cluster = only(graph, 'eks/cluster:Cluster')

test('the API is private, in the subnets without a way out', () => {
  assert.equal(cluster.vpcConfig.endpointPrivateAccess, true)
  assert.equal(cluster.vpcConfig.endpointPublicAccess, false)
  assert.deepEqual(
    cluster.vpcConfig.subnetIds,
    ['a', 'b', 'c'].map((letter) => `network-${letter}-intra-id`),
  )
})

test('everything that the control plane can log is kept, and EKS does not make the group itself', () => {
  assert.deepEqual([...cluster.enabledClusterLogTypes].sort(), [
    'api',
    'audit',
    'authenticator',
    'controllerManager',
    'scheduler',
  ])
  const group = ofType(graph, 'cloudwatch/logGroup:LogGroup').find(
    ({ inputs }) => inputs.name === '/aws/eks/nd-prod-us-east-1-cluster/cluster',
  )
  assert.equal(group?.inputs.retentionInDays, 365)
  assert.match(group?.inputs.kmsKeyId, /^arn:aws:kms:/)
  const [{ dependencies = [] } = {}] = ofType(graph, 'eks/cluster:Cluster')
  assert.ok(group && dependencies.includes(group.urn))
})

test('Secrets are encrypted under a key of their own that rotates and cannot be deleted by the way', () => {
  const key = ofType(graph, 'kms/key:Key').find(({ name }) => name === 'cluster-secrets')
  assert.equal(key?.inputs.enableKeyRotation, true)
  assert.equal(key?.protect, true)
  assert.deepEqual(cluster.encryptionConfig.resources, ['secrets'])
  assert.match(cluster.encryptionConfig.provider.keyArn, /:cluster-secrets$/)
  assert.equal(cluster.deletionProtection, true)
})

test('only entries let anybody in: nobody by having made the cluster', () => {
  assert.deepEqual(cluster.accessConfig, {
    authenticationMode: 'API',
    bootstrapClusterCreatorAdminPermissions: false,
  })
  const entries = ofType(graph, 'eks/accessEntry:AccessEntry').map(({ inputs }) => [inputs.principalArn, inputs.type])
  assert.deepEqual(entries.sort(), [
    ['arn:admin', 'STANDARD'],
    ['arn:aws:iam::123456789012:role/nd-prod-us-east-1-nodes-karpenter', 'EC2_LINUX'],
    ['arn:deploy', 'STANDARD'],
    ['arn:preview', 'STANDARD'],
  ])
  const rights = ofType(graph, 'eks/accessPolicyAssociation:AccessPolicyAssociation').map(({ inputs }) => [
    inputs.principalArn,
    inputs.policyArn.split('/').at(-1),
  ])
  assert.deepEqual(rights.sort(), [
    ['arn:admin', 'AmazonEKSClusterAdminPolicy'],
    ['arn:deploy', 'AmazonEKSClusterAdminPolicy'],
    ['arn:preview', 'AmazonEKSAdminViewPolicy'],
  ])
})

test('every add-on has the version of the policy, and machines wait for those that make them ready', () => {
  const addons = ofType(graph, 'eks/addon:Addon')
  assert.deepEqual(
    Object.fromEntries(addons.map(({ inputs }) => [inputs.addonName, inputs.addonVersion])),
    prod.cloud.kubernetes.addons,
  )
  const [group] = ofType(graph, 'eks/nodeGroup:NodeGroup')
  for (const { urn, inputs, dependencies } of addons) {
    const early = (addonStages['before-nodes'] as readonly string[]).includes(inputs.addonName)
    assert.equal(group?.dependencies.includes(urn), early, inputs.addonName)
    assert.equal(dependencies.includes(group?.urn ?? ''), !early, inputs.addonName)
  }
})

test('policies between pods are enforced, and addresses come in blocks', () => {
  const cni = ofType(graph, 'eks/addon:Addon').find(({ inputs }) => inputs.addonName === 'vpc-cni')
  const { enableNetworkPolicy, env } = JSON.parse(cni?.inputs.configurationValues)
  assert.equal(enableNetworkPolicy, 'true')
  assert.equal(env.ENABLE_PREFIX_DELEGATION, 'true')
  // Joined networks see the pod, not its machine.
  assert.equal(env.AWS_VPC_K8S_CNI_EXTERNALSNAT, 'true')
})

test('machines keep their credentials from pods, and their disks encrypted', () => {
  const template = only(graph, 'ec2/launchTemplate:LaunchTemplate')
  assert.deepEqual(template.metadataOptions, {
    httpEndpoint: 'enabled',
    httpTokens: 'required',
    httpPutResponseHopLimit: 1,
  })
  for (const { ebs } of template.blockDeviceMappings) {
    assert.equal(ebs.encrypted, 'true')
    assert.equal(ebs.volumeType, 'gp3')
  }
  for (const { tags } of template.tagSpecifications) assert.equal(tags.CostCentre, 'platform')
  assert.match(Buffer.from(template.userData, 'base64').toString(), /\n {6}maxPods: 110\n/)
})

test('system machines stand in every zone, change one at a time, and are for the platform alone', () => {
  const group = only(graph, 'eks/nodeGroup:NodeGroup')
  assert.equal(group.subnetIds.length, 3)
  assert.equal(group.scalingConfig.minSize, 3)
  assert.deepEqual(group.updateConfig, { maxUnavailable: 1 })
  assert.deepEqual(group.taints, [{ key: 'CriticalAddonsOnly', value: 'true', effect: 'NO_SCHEDULE' }])
  assert.equal(group.version, prod.cloud.kubernetes.version)
  assert.equal(group.launchTemplate.version, '1')
})

test('machines may join and fetch images, and only system machines are reached by a tunnel', () => {
  const of = (role: string) =>
    ofType(graph, 'iam/rolePolicyAttachment:RolePolicyAttachment')
      .filter(({ inputs }) => inputs.role === `nd-prod-us-east-1-nodes-${role}`)
      .map(({ inputs }) => inputs.policyArn.split('/').at(-1))
      .sort()
  const node = ['AmazonEC2ContainerRegistryPullOnly', 'AmazonEKSWorkerNodePolicy']
  assert.deepEqual(of('karpenter'), node)
  assert.deepEqual(of('system'), [...node, 'AmazonSSMManagedInstanceCore'])
})

test('an operator’s tunnel reaches the API and nothing else', () => {
  const content = JSON.parse(only(graph, 'ssm/document:Document').content)
  assert.equal(content.sessionType, 'Port')
  assert.equal(content.properties.host, 'cluster.eks.example')
  assert.equal(content.properties.portNumber, '443')
  assert.deepEqual(Object.keys(content.parameters), ['localPortNumber'])
})

test('no rule lets the world in; other regions come in by named ports only', async () => {
  const rules = (of: typeof graph) =>
    ofType(of, 'vpc/securityGroupIngressRule:SecurityGroupIngressRule')
      .filter(({ name }) => name.startsWith('cluster-'))
      .map(({ inputs }) => [inputs.fromPort, inputs.toPort, inputs.cidrIpv4 ?? inputs.referencedSecurityGroupId])
  assert.deepEqual(rules(graph), [[443, 443, 'cluster-ingress-clients-id']])
  const open = await recordGraph(
    'prod-us-east-1',
    program(prod, { peerPorts: [{ port: 15_443, reason: 'Mesh from other regions' }] }),
  )
  assert.deepEqual(rules(open).slice(1), [
    [15_443, 15_443, '10.34.0.0/16'],
    [15_443, 15_443, '10.35.0.0/16'],
  ])
})

test('everything that can carry tags carries all of them', () => assert.ok(assertTagged(graph, prod) > 70))

test('what others read of the cluster is there', () => {
  assert.deepEqual(graph.outputs, {
    name: 'nd-prod-us-east-1-cluster',
    endpoint: 'https://cluster.eks.example',
    certificateAuthority: 'Y2VydGlmaWNhdGU=',
    securityGroupId: 'cluster-cluster-sg',
    nodeRoleName: 'nd-prod-us-east-1-nodes-karpenter',
    tunnel: 'nd-prod-us-east-1-tunnel',
    clientSecurityGroupId: 'cluster-ingress-clients-id',
    interruptionQueue: 'nd-prod-us-east-1-cluster',
  })
})

test('the same stands before the cloud has answered anything', async () => {
  const first = await recordGraph('prod-us-east-1', program(prod), { unknowns: true })
  assert.deepEqual(
    first.resources.map(({ urn }) => urn),
    graph.resources.map(({ urn }) => urn),
  )
  assert.equal(first.outputs.endpoint, unknown)
  assert.equal(only(first, 'ssm/document:Document').content, unknown)
  assert.equal(assertTagged(first, prod), assertTagged(graph, prod))
})

test('all that is wrong is said at once, with its path, and only of its own environment', async () => {
  const bad = changed({
    'cloud.prod.kubernetes.version': '1.35',
    'cloud.prod.kubernetes.system': { instance: 'm1.tiny', count: 2 },
    'cloud.staging.kubernetes.addons.coredns': 'latest',
  })
  await assert.rejects(recordGraph('bad', program(awsScope('prod', 'us-east-1', bad))), (error: unknown) => {
    assert.ok(error instanceof PolicyError)
    assert.deepEqual(
      error.findings.map(({ path }) => path),
      ['addons.kube-proxy', 'system.instance', 'system.count'].map((end) => `cloud.prod.kubernetes.${end}`),
    )
    return true
  })
  await assert.rejects(recordGraph('bad', program(prod, { peerPorts: [{ port: 0, reason: 'none' }] })), {
    name: 'RangeError',
    message: 'peerPorts (0) must be a port from 1 to 65535.',
  })
})

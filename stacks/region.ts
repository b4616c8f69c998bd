import aws from '@pulumi/aws'
import kubernetes from '@pulumi/kubernetes'
import { all, Config } from '@pulumi/pulumi'
import { Cache } from '../infra/aws/cache/cache.ts'
import { Cluster } from '../infra/aws/cluster/cluster.ts'
import { kubeconfigOf } from '../infra/aws/cluster/kubeconfig.ts'
import { Kafka } from '../infra/aws/kafka/kafka.ts'
import { LogKey } from '../infra/aws/logs/log-key.ts'
import { Network } from '../infra/aws/network/network.ts'
import { ObjectStore } from '../infra/aws/object-store/object-store.ts'
import { awsScope } from '../infra/aws/scope.ts'
import { deploy, synthesize } from '../infra/kubernetes/index.ts'
import type { Policies } from '../policies/bundle.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { imagesOf } from './images.ts'
import type { CloudStack } from './names.ts'
import { declareOutputs, globalOutputs, memberOf, readStack, regionOutputs } from './outputs.ts'
import { Passwords } from './passwords.ts'
import { regionContext } from './region-context.ts'
import { WorkloadRoles } from './workload-roles.ts'

/** The role of the people who repair, by its name in the account, unless the stack's configuration names another. */
const defaultAdminRole = 'neurodefender-admin'

/** What the other regions may call: everything between them goes through the gateway of the mesh. */
const peerPorts = [{ port: 15443, reason: 'The east-west gateway of the mesh' }] as const

/** A region: network, cluster, Kafka, cache, buckets, and on the cluster the platform that the services need. */
export async function regionStack(stack: CloudStack & { kind: 'region' }, policies: Policies) {
  const { environment, region, name } = stack
  checkEnvironment(environment, policies)
  const scope = awsScope(environment, region, policies)
  const config = new Config()
  const shared = await readStack(environment, globalOutputs)
  const member = (output: 'dataKeyArns' | 'deployRoleArns') => memberOf(environment, output, shared[output], region)
  const keyArn = member('dataKeyArns')
  const id = `nd-${name}`
  const provider = new aws.Provider('region', { region, allowedAccountIds: [shared.accountId] })
  const options = { providers: { aws: provider } }

  const logKeyArn = new LogKey(id, { scope }, options).arn
  const network = new Network(id, { scope, logKeyArn }, options)
  const admin = `arn:aws:iam::${shared.accountId}:role/${config.get('adminRole') ?? defaultAdminRole}`
  const access = { admin, deploy: member('deployRoleArns'), preview: shared.previewRoleArn }
  const cluster = new Cluster(id, { scope, network, logKeyArn, access, peerPorts }, options)
  const own = { scope, network, clientSecurityGroupId: cluster.securityGroupId, keyArn, logKeyArn }
  const kafka = new Kafka(id, own, options)
  const cache = new Cache(id, own, options)
  const store = new ObjectStore(id, { scope, accountId: shared.accountId, keyArn }, options)
  const roles = new WorkloadRoles(id, { scope, cluster: cluster.name, kafkaArn: kafka.arn }, options)
  const passwords = new Passwords(id, {})

  const context = regionContext(scope, {
    clusterName: cluster.name,
    nodeRole: cluster.nodeRoleName,
    kafkaBrokers: kafka.brokers,
    cacheHost: cache.host,
    authority: { arn: shared.authorityArn, region: shared.authorityRegion },
    images: imagesOf(shared.repositoryUrls, policies.images),
    secrets: passwords.secrets({ cache: cache.password, replica: shared.replicaPassword }),
  })
  const api = new kubernetes.Provider(
    'cluster',
    { kubeconfig: kubeconfigOf({ cluster, region, ...tunnel(config) }), clusterIdentifier: cluster.name },
    { dependsOn: [cluster, roles] },
  )
  const platform = synthesize(environment, 'platform', context, policies)
  const objects = deploy(platform, { provider: api })

  const buckets = Object.entries(store.buckets)
  return declareOutputs(name, regionOutputs, {
    region,
    vpcId: network.vpcId,
    cidr: network.cidr,
    privateRouteTableIds: all([...network.privateRouteTableIds]),
    intraRouteTableIds: all([...network.intraRouteTableIds]),
    intraSubnetIds: all([...network.intraSubnetIds]),
    clusterName: cluster.name,
    clusterEndpoint: cluster.endpoint,
    clusterCertificateAuthority: cluster.certificateAuthority,
    clusterSecurityGroupId: cluster.securityGroupId,
    nodeRole: cluster.nodeRoleName,
    kafkaArn: kafka.arn,
    kafkaBrokers: kafka.brokers,
    kafkaSecurityGroupId: kafka.securityGroupId,
    cacheHost: cache.host,
    cachePassword: cache.password,
    clickhouseSinkPassword: passwords.sink,
    clickhouseAnalyticsPassword: passwords.analytics,
    bucketNames: all(Object.fromEntries(buckets.map(([key, bucket]) => [key, bucket.name]))),
    bucketArns: all(Object.fromEntries(buckets.map(([key, bucket]) => [key, bucket.arn]))),
    namespaces: platform.manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    objects: objects.length,
  })
}

/** The port where a session's tunnel to the private endpoint ends on this machine, if one is open. */
function tunnel(config: Config): { readonly tunnel?: number } {
  const port = config.getNumber('tunnel')
  return port === undefined ? {} : { tunnel: port }
}

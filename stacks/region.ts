import aws from '@pulumi/aws'
import kubernetes from '@pulumi/kubernetes'
import { all, Config, type CustomResource, type Output } from '@pulumi/pulumi'
import { Cache } from '../infra/aws/cache/cache.ts'
import { Cluster } from '../infra/aws/cluster/cluster.ts'
import { kubeconfigOf } from '../infra/aws/cluster/kubeconfig.ts'
import { Runner } from '../infra/aws/cluster/runner.ts'
import { sharedRole } from '../infra/aws/global/ci.ts'
import { RegionalNames } from '../infra/aws/global/regional-names.ts'
import { Kafka } from '../infra/aws/kafka/kafka.ts'
import { LogKey } from '../infra/aws/logs/log-key.ts'
import { InternalZone } from '../infra/aws/network/internal-zone.ts'
import { Network } from '../infra/aws/network/network.ts'
import { ObjectStore } from '../infra/aws/object-store/object-store.ts'
import { awsScope } from '../infra/aws/scope.ts'
import type { IBucket } from '../infra/aws/types.ts'
import {
  chartScope,
  deploy,
  identities,
  internalDomain,
  istioNamespace,
  portsBetweenRegions,
  readerToken,
  synthesize,
} from '../infra/kubernetes/index.ts'
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

/** Workflows of the repository with jobs that talk to the private API (.github/workflows): the run's name, not that of a part of it. */
export const runnerWorkflows = ['Deploy', 'Drift', 'Pulumi preview'] as const

/** Members of a quorum over all regions: ready once the others stand and links join their networks. */
const unawaited = ['statefulset-data-keeper', 'service-data-keeper']

/** A region: network, cluster, Kafka, cache, buckets, and on the cluster the platform that the services need. */
export async function regionStack(stack: CloudStack & { kind: 'region' }, policies: Policies) {
  const { environment, region, name } = stack
  checkEnvironment(environment, policies)
  const scope = awsScope(environment, region, policies)
  const config = new Config()
  const shared = await readStack(environment, globalOutputs)
  const member = (output: RegionalMap, key: string = region) => memberOf(environment, output, shared[output], key)
  const keyArn = member('dataKeyArns')
  const entry = { certificate: member('certificateArns'), webAcl: member('webAclArns') }
  const id = `nd-${name}`
  const provider = new aws.Provider('region', { region, allowedAccountIds: [shared.accountId] })
  const options = { providers: { aws: provider } }

  const logKeyArn = new LogKey(id, { scope }, options).arn
  const network = new Network(id, { scope, logKeyArn }, options)
  const admin = `arn:aws:iam::${shared.accountId}:role/${config.get('adminRole') ?? defaultAdminRole}`
  const access = {
    admin,
    deploy: member('deployRoleArns'),
    preview: shared.previewRoleArn,
    links: { role: member('deployRoleArns', sharedRole), namespaces: [istioNamespace] },
  }
  const peerPorts = portsBetweenRegions(scope)
  const cluster = new Cluster(id, { scope, network, logKeyArn, access, peerPorts }, options)
  const own = { scope, network, clientSecurityGroupId: cluster.securityGroupId, keyArn, logKeyArn }
  const kafka = new Kafka(id, own, options)
  const cache = new Cache(id, own, options)
  const store = new ObjectStore(id, { scope, accountId: shared.accountId, keyArn }, options)
  const [backups, models] = [bucketOf(store, 'backups'), bucketOf(store, 'models')]
  const domain = internalDomain(scope, region)
  const internal = new InternalZone(`${id}-internal`, { scope, domain, vpcId: network.vpcId }, options)
  const connectionArn = config.get('connectionArn')
  if (connectionArn)
    new Runner(
      `${id}-runner`,
      {
        scope,
        network,
        securityGroupId: cluster.clientSecurityGroupId,
        logKeyArn,
        repository: scope.cloud.repository,
        connectionArn,
        workflows: runnerWorkflows,
      },
      options,
    )
  const passwords = new Passwords(id, {})

  const context = regionContext(scope, {
    clusterName: cluster.name,
    nodeRole: cluster.nodeRoleName,
    kafkaBrokers: kafka.brokers,
    cacheHost: cache.host,
    authority: { arn: shared.authorityArn, region: shared.authorityRegion },
    entry,
    backups: backups.name,
    models: models.name,
    images: imagesOf(shared.repositoryUrls, policies.images),
    secrets: passwords.secrets({
      authority: shared.authorityCertificate,
      cache: cache.password,
      replica: shared.replicaPassword,
    }),
  })
  const roles = new WorkloadRoles(
    id,
    {
      scope,
      cluster: cluster.name,
      identities: identities(chartScope(environment, context, policies)),
      targets: {
        accountId: shared.accountId,
        kafkaArn: kafka.arn,
        securityGroupId: cluster.securityGroupId,
        internalZoneId: internal.zoneId,
        authorityArn: shared.authorityArn,
        certificateArn: entry.certificate,
        webAclArn: entry.webAcl,
        backupsArn: backups.arn,
        modelsArn: models.arn,
        keyArn,
      },
    },
    options,
  )
  const api = new kubernetes.Provider(
    'cluster',
    { kubeconfig: kubeconfigOf({ cluster, region, ...tunnel(config) }), clusterIdentifier: cluster.name },
    { dependsOn: [cluster] },
  )
  const platform = synthesize(environment, 'platform', context, policies)
  // The objects wait for the roles, not the provider: a targeted run makes every provider, and the roles hang on all of the region.
  const objects = deploy(platform, { provider: api, after: [roles], unawaited })
  // Its account is the mesh's: before it, the token would name nobody and go again.
  new kubernetes.core.v1.Secret('mesh-reader-token', { ...readerToken }, { provider: api, dependsOn: [...objects] })
  new RegionalNames(`${id}-names`, { scope, zoneId: shared.zoneId, loadBalancer: loadBalancerOf(objects) }, options)

  const buckets = Object.entries(store.buckets)
  return declareOutputs(name, regionOutputs, {
    region,
    vpcId: network.vpcId,
    cidr: network.cidr,
    privateRouteTableIds: all([...network.privateRouteTableIds]),
    intraRouteTableIds: all([...network.intraRouteTableIds]),
    intraSubnetIds: all([...network.intraSubnetIds]),
    internalZoneId: internal.zoneId,
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
    prometheusPassword: passwords.prometheus,
    bucketNames: all(Object.fromEntries(buckets.map(([key, bucket]) => [key, bucket.name]))),
    bucketArns: all(Object.fromEntries(buckets.map(([key, bucket]) => [key, bucket.arn]))),
    namespaces: platform.manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    objects: objects.length,
  })
}

/** What the global stack declares for each region. */
type RegionalMap = 'dataKeyArns' | 'deployRoleArns' | 'certificateArns' | 'webAclArns'

/** Throws RangeError when the policies have no such bucket. */
function bucketOf({ buckets }: ObjectStore, key: string): IBucket {
  const found = buckets[key]
  if (!found) throw new RangeError(`policies.buckets has no '${key}', which the region needs.`)
  return found
}

/** The name of the load balancer that the controller made for the mesh's way in. Throws RangeError when the platform has none. */
function loadBalancerOf(objects: readonly CustomResource[]): Output<string> {
  const ingress = objects.find((object) => object instanceof kubernetes.networking.v1.Ingress)
  if (!ingress) throw new RangeError('The platform has no Ingress: nobody outside would reach the region.')
  return ingress.status.loadBalancer.ingress.apply(([first]) => {
    if (!first?.hostname) throw new Error('The load balancer of the Ingress has no name yet: bring the stack up again.')
    return first.hostname
  })
}

/** The port where a session's tunnel to the private endpoint ends on this machine, if one is open. */
function tunnel(config: Config): { readonly tunnel?: number } {
  const port = config.getNumber('tunnel')
  return port === undefined ? {} : { tunnel: port }
}

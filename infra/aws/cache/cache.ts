import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, secret } from '@pulumi/pulumi'
import random from '@pulumi/random'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { ICache, INetwork } from '../types.ts'

export interface CacheArgs {
  readonly scope: AwsScope
  readonly network: Pick<INetwork, 'vpcId' | 'intraSubnetIds'>
  /** Of the pods that may ask it. */
  readonly clientSecurityGroupId: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
  /** ARN of the key of the region's logs. */
  readonly logKeyArn: Input<string>
}

/** ElastiCache takes no more copies of one shard. */
const mostCopies = 6

function problemsOf({ environment, cloud, policy, policies }: AwsScope): string[] {
  const problems: string[] = []
  const { replicas } = policy.redis
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > mostCopies)
    problems.push(`environments.${environment}.redis.replicas (${replicas}) must be 1 to ${mostCopies}.`)
  if (!/^\d+\.\d+$/.test(cloud.cache.version))
    problems.push(`cloud.${environment}.cache.version (${cloud.cache.version}) must be 'major.minor'.`)
  if (!/^cache\./.test(cloud.cache.node))
    problems.push(`cloud.${environment}.cache.node (${cloud.cache.node}) must be a node of ElastiCache: 'cache.…'.`)
  if (policies.services.redis?.ports.redis === undefined) problems.push('services.redis.ports.redis must be given.')
  return problems
}

/**
 * A region's second level of cache: one shard, a copy in each of as many zones as the environment has replicas, TLS and a password
 * for everyone. It keeps no snapshots: what it holds can be computed again, and an old copy would be out of date when it is back.
 * Throws RangeError with everything that is wrong with the policies.
 */
export class Cache extends ComponentResource implements ICache {
  readonly host: Output<string>
  readonly port: number
  readonly password: Output<string>

  constructor(name: string, args: CacheArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Cache', name, {}, options)
    const { scope, network, clientSecurityGroupId, keyArn, logKeyArn } = args
    const problems = problemsOf(scope)
    if (problems.length > 0) throw new RangeError(problems.join('\n'))
    const { engine, version, node } = scope.cloud.cache
    const copies = scope.policy.redis.replicas
    const id = named(scope, 'cache')
    const own = { parent: this }
    const labels = { tags: tags(scope, 'cache') }
    this.port = scope.policies.services.redis!.ports.redis!
    const group = new aws.ec2.SecurityGroup(
      id,
      { name: id, description: 'The cache: its clients alone', vpcId: network.vpcId, ...labels },
      own,
    )
    new aws.vpc.SecurityGroupIngressRule(
      `${id}-clients`,
      {
        securityGroupId: group.id,
        referencedSecurityGroupId: clientSecurityGroupId,
        description: 'Pods of the cluster',
        ipProtocol: 'tcp',
        fromPort: this.port,
        toPort: this.port,
        ...labels,
      },
      own,
    )
    const subnets = new aws.elasticache.SubnetGroup(
      id,
      { name: id, description: 'Subnets without a way out', subnetIds: [...network.intraSubnetIds], ...labels },
      own,
    )
    const family = `${engine}${version.split('.')[0]}`
    const parameters = new aws.elasticache.ParameterGroup(
      `${id}-${family}`,
      {
        // A new family is a new group, and the old one goes only when no node uses it any more.
        name: `${id}-${family}`,
        family,
        description: 'A full cache forgets what is asked for least',
        parameters: [{ name: 'maxmemory-policy', value: 'allkeys-lfu' }],
        ...labels,
      },
      own,
    )
    // ElastiCache refuses /, " and @, and letters and digits alone are enough at this length.
    const { result } = new random.RandomPassword(`${id}-password`, { length: 64, special: false }, own)
    this.password = secret(result)
    const logs = logGroup(id, { scope, component: 'cache', path: `/aws/vendedlogs/${id}`, keyArn: logKeyArn }, own)
    const replication = new aws.elasticache.ReplicationGroup(
      id,
      {
        replicationGroupId: id,
        description: 'Second level of cache',
        engine,
        engineVersion: version,
        nodeType: node,
        numCacheClusters: copies,
        automaticFailoverEnabled: copies > 1,
        multiAzEnabled: copies > 1,
        port: this.port,
        parameterGroupName: parameters.name,
        subnetGroupName: subnets.name,
        securityGroupIds: [group.id],
        transitEncryptionEnabled: true,
        transitEncryptionMode: 'required',
        atRestEncryptionEnabled: true,
        kmsKeyId: keyArn,
        authToken: this.password,
        authTokenUpdateStrategy: 'ROTATE',
        snapshotRetentionLimit: 0,
        autoMinorVersionUpgrade: true,
        maintenanceWindow: 'tue:07:00-tue:08:00',
        applyImmediately: false,
        logDeliveryConfigurations: ['slow-log', 'engine-log'].map((logType) => ({
          logType,
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destination: logs.name,
        })),
        ...labels,
      },
      own,
    )
    this.host = replication.primaryEndpointAddress
    this.registerOutputs({ host: this.host, port: this.port, password: this.password })
  }
}

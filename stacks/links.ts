import aws from '@pulumi/aws'
import { all, Config } from '@pulumi/pulumi'
import { Failover } from '../infra/aws/global/failover.ts'
import { KafkaReplicator } from '../infra/aws/kafka/replicator.ts'
import { InternalNames } from '../infra/aws/network/internal-zone.ts'
import { Peering } from '../infra/aws/network/peering.ts'
import { type BucketEnd, BucketReplication } from '../infra/aws/object-store/replication.ts'
import type { Policies } from '../policies/bundle.ts'
import { checkEnvironment } from '../policies/checks/index.ts'
import { replicationEdges } from '../policies/residency.ts'
import { MeshLinks } from './mesh-links.ts'
import type { CloudStack } from './names.ts'
import { declareOutputs, globalOutputs, linksOutputs, memberOf, readStack, regionOutputs } from './outputs.ts'
import { scopesOf } from './scopes.ts'

/** What joins the regions of an environment: networks, names, the mesh, copies of Kafka and of buckets. */
export async function linksStack(stack: CloudStack & { kind: 'links' }, policies: Policies) {
  const { environment } = stack
  checkEnvironment(environment, policies)
  const scopes = scopesOf(environment, policies)
  const provider = new aws.Provider('primary', { region: scopes[0].region })
  const options = { providers: { aws: provider } }
  const shared = await readStack(environment, globalOutputs)
  const ends = new Map(
    await Promise.all(
      scopes.map(async (scope) => {
        const name = `${environment}-${scope.region}`
        return [scope.region, { scope, name, outputs: await readStack(name, regionOutputs) }] as const
      }),
    ),
  )
  const at = (region: string) => {
    const end = ends.get(region)
    if (!end) throw new RangeError(`'${environment}' has no region '${region}'.`)
    return end
  }
  const keyOf = (region: string) => memberOf(environment, 'dataKeyArns', shared.dataKeyArns, region)
  const side = (region: string) => {
    const { scope, outputs } = at(region)
    const { vpcId, cidr, privateRouteTableIds, intraRouteTableIds } = outputs
    return { scope, vpcId, cidr, routeTableIds: [...privateRouteTableIds, ...intraRouteTableIds] }
  }

  const peerings = policies.links
    .filter(({ from, to }) => ends.has(from) && ends.has(to))
    .map(({ from, to }) => {
      const name = `nd-${environment}-${from}-${to}`
      return [`${from} > ${to}`, new Peering(name, { requester: side(from), accepter: side(to) }, options)] as const
    })
  const zones = [...ends].map(([region, { outputs }]) => ({
    region,
    zoneId: outputs.internalZoneId,
    vpcId: outputs.vpcId,
  }))
  new InternalNames(`nd-${environment}`, { zones }, options)
  const config = new Config()
  const lost = config.get('lost')
  if (lost !== undefined) at(lost)
  const alive = [...ends].filter(([region]) => region !== lost)
  const clusters = alive.map(([region, { outputs }]) => {
    const tunnel = config.getNumber(`tunnel-${region}`)
    return {
      region,
      name: outputs.clusterName,
      endpoint: outputs.clusterEndpoint,
      certificateAuthority: outputs.clusterCertificateAuthority,
      ...(tunnel === undefined ? {} : { tunnel }),
    }
  })
  // It reads every cluster, in a preview too: not before something leads there (docs/delivery.md).
  if (config.getBoolean('mesh') ?? true)
    new MeshLinks(`nd-${environment}`, { clusters, after: peerings.map(([, peering]) => peering) })

  const edges = replicationEdges(policies, environment)
  const topics = Map.groupBy(
    edges.filter(({ what }) => what === 'topic'),
    ({ from, to }) => `${from} > ${to}`,
  )
  const replicators = [...topics].map(([way, [edge]]) => {
    const { from, to } = edge!
    const [source, target] = [at(from), at(to)]
    const end = ({ scope, outputs }: typeof source) => ({
      region: scope.region,
      clusterArn: outputs.kafkaArn,
      subnetIds: outputs.intraSubnetIds,
    })
    const replicator = new KafkaReplicator(
      `nd-${environment}-${from}-${to}`,
      {
        scope: target.scope,
        accountId: shared.accountId,
        from: end(source),
        to: { ...end(target), securityGroupId: target.outputs.kafkaSecurityGroupId },
        logKeyArn: keyOf(to),
      },
      options,
    )
    return [way, replicator.arn] as const
  })

  const bucketEnd = (bucket: string, region: string): BucketEnd => {
    const { name, outputs } = at(region)
    return {
      region,
      name: memberOf(name, 'bucketNames', outputs.bucketNames, bucket),
      arn: memberOf(name, 'bucketArns', outputs.bucketArns, bucket),
      keyArn: keyOf(region),
    }
  }
  const copied = Map.groupBy(
    edges.filter(({ what }) => what === 'bucket'),
    ({ name, from }) => `${from}-${name}`,
  )
  for (const [key, group] of copied) {
    const { name: bucket, from } = group[0]!
    new BucketReplication(
      `nd-${environment}-${key}`,
      {
        scope: at(from).scope,
        bucket,
        from: bucketEnd(bucket, from),
        to: group.map(({ to }) => bucketEnd(bucket, to)),
      },
      options,
    )
  }

  const failover = new Failover(
    `nd-${environment}`,
    { scopes, zoneId: shared.zoneId, standIn: config.get('standIn') },
    options,
  )
  return declareOutputs(stack.name, linksOutputs, {
    peerings: all(Object.fromEntries(peerings.map(([way, { id }]) => [way, id]))),
    replicators: all(Object.fromEntries(replicators)),
    healthChecks: all(failover.healthChecks),
  })
}

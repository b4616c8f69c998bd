import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from '@pulumi/pulumi'
import { bytes, seconds } from '../../../policies/model/units.ts'
import { replicationEdges } from '../../../policies/residency.ts'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import type { IKafka, INetwork } from '../types.ts'
import { serverProperties } from './properties.ts'

export interface KafkaArgs {
  readonly scope: AwsScope
  readonly network: Pick<INetwork, 'vpcId' | 'intraSubnetIds'>
  /** Of the pods that may talk to the brokers. Who may do what, IAM says. */
  readonly clientSecurityGroupId: Input<string>
  /** ARN of the data key of the region. */
  readonly keyArn: Input<string>
  /** ARN of the key of the region's logs. */
  readonly logKeyArn: Input<string>
}

/** Where brokers of MSK answer callers that IAM knows; fixed by AWS. */
const kafkaPort = 9098

/** Sizes of a broker's disk that MSK takes, GiB. */
const disk = { least: 1, most: 16_384 }

function problemsOf({ environment, cloud, policy, here, policies }: AwsScope, subnets: number): string[] {
  const { brokers, localRetention, storage, version } = cloud.kafka
  const at = `cloud.${environment}.kafka`
  const zones = here.cloud.zones.length
  const gib = bytes(storage) / 2 ** 30
  const shortest = Math.min(
    ...Object.values(policies.topics).flatMap(({ retention }) => (retention === undefined ? [] : [seconds(retention)])),
  )
  return [
    ...(subnets === zones
      ? []
      : [`network.intraSubnetIds has ${subnets} subnets; Kafka needs one in each of ${zones} zones.`]),
    ...(Number.isInteger(brokers) && brokers > 0 && brokers % zones === 0
      ? []
      : [`${at}.brokers (${brokers}) must be a multiple of the ${zones} zones.`]),
    ...(policy.kafka.replicas <= brokers
      ? []
      : [
          `environments.${environment}.kafka.replicas (${policy.kafka.replicas}) must be at most the ${brokers} brokers.`,
        ]),
    ...(policy.kafka.minInSync < policy.kafka.replicas
      ? []
      : [
          `environments.${environment}.kafka.minInSync (${policy.kafka.minInSync}) must be below the ${policy.kafka.replicas} replicas: a broker is restarted for every patch.`,
        ]),
    ...(/^\d+\.\d+\.(x|\d+)\.kraft$/.test(version)
      ? []
      : [`${at}.version (${version}) must be one of KRaft: '4.0.x.kraft'.`]),
    ...(Number.isInteger(gib) && gib >= disk.least && gib <= disk.most
      ? []
      : [`${at}.storage (${storage}) must be whole GiB, ${disk.least} to ${disk.most}.`]),
    ...(seconds(localRetention) < shortest
      ? []
      : [
          `${at}.localRetention (${localRetention}) must be below the shortest retention of a topic, or nothing is tiered.`,
        ]),
  ]
}

/**
 * A region's Kafka (MSK, KRaft): brokers over all zones in subnets without a way out, TLS and IAM alone, tiered storage, one security
 * group that lets in the cluster's pods. It is protected and outlives its stack. Throws RangeError with everything that is wrong.
 */
export class Kafka extends ComponentResource implements IKafka {
  readonly arn: Output<string>
  readonly brokers: Output<string>
  readonly securityGroupId: Output<string>

  constructor(name: string, args: KafkaArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:Kafka', name, {}, options)
    const { scope, network, clientSecurityGroupId, keyArn, logKeyArn } = args
    const problems = problemsOf(scope, network.intraSubnetIds.length)
    if (problems.length > 0) throw new RangeError(problems.join('\n'))
    const { brokers, instance, storage, version } = scope.cloud.kafka
    const id = named(scope, 'kafka')
    const own = { parent: this }
    const kept = { parent: this, protect: true, retainOnDelete: true }
    const labels = { tags: tags(scope, 'kafka') }
    const copied = replicationEdges(scope.policies, scope.environment).filter(({ what }) => what === 'topic')
    const group = new aws.ec2.SecurityGroup(
      id,
      { name: id, description: 'Kafka: its clients alone', vpcId: network.vpcId, ...labels },
      kept,
    )
    const port = { ipProtocol: 'tcp', fromPort: kafkaPort, toPort: kafkaPort, securityGroupId: group.id, ...labels }
    new aws.vpc.SecurityGroupIngressRule(
      `${id}-clients`,
      { ...port, referencedSecurityGroupId: clientSecurityGroupId, description: 'Pods of the cluster' },
      own,
    )
    if (copied.some(({ to }) => to === scope.region)) {
      // The replicator writes from interfaces of its own, which carry this very group.
      const self = { ...port, referencedSecurityGroupId: group.id, description: 'The replicator' }
      new aws.vpc.SecurityGroupIngressRule(`${id}-replicator`, self, own)
      new aws.vpc.SecurityGroupEgressRule(`${id}-replicator`, self, own)
    }
    const configuration = new aws.msk.Configuration(
      id,
      { name: id, description: 'From policies/', serverProperties: serverProperties(scope) },
      own,
    )
    const logs = logGroup(id, { scope, component: 'kafka', path: `/aws/vendedlogs/${id}`, keyArn: logKeyArn }, own)
    const cluster = new aws.msk.Cluster(
      id,
      {
        clusterName: id,
        kafkaVersion: version,
        numberOfBrokerNodes: brokers,
        storageMode: 'TIERED',
        enhancedMonitoring: 'PER_BROKER',
        brokerNodeGroupInfo: {
          instanceType: instance,
          clientSubnets: [...network.intraSubnetIds],
          securityGroups: [group.id],
          storageInfo: { ebsStorageInfo: { volumeSize: bytes(storage) / 2 ** 30 } },
          connectivityInfo: {
            publicAccess: { type: 'DISABLED' },
            // MSK's replicator of another region comes in through PrivateLink, as IAM knows it.
            ...(copied.some(({ from }) => from === scope.region)
              ? { vpcConnectivity: { clientAuthentication: { sasl: { iam: true } } } }
              : {}),
          },
        },
        configurationInfo: { arn: configuration.arn, revision: configuration.latestRevision },
        clientAuthentication: { unauthenticated: false, sasl: { iam: true, scram: false } },
        encryptionInfo: {
          encryptionAtRestKmsKeyArn: keyArn,
          encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
        },
        loggingInfo: { brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
        ...labels,
      },
      kept,
    )
    this.arn = cluster.arn
    this.brokers = cluster.bootstrapBrokersSaslIam
    this.securityGroupId = group.id
    this.registerOutputs({ arn: this.arn, brokers: this.brokers, securityGroupId: this.securityGroupId })
  }
}

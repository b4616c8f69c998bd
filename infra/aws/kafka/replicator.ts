import aws from '@pulumi/aws'
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from '@pulumi/pulumi'
import { lagOf } from '../../../policies/recovery.ts'
import { replicationEdges } from '../../../policies/residency.ts'
import { boundaryOf } from '../iam/boundary.ts'
import { documentOf, trustOfService } from '../iam/document.ts'
import { logGroup } from '../logs/log-group.ts'
import { type AwsScope, named, tags } from '../scope.ts'
import { consumerGroups } from './access.ts'
import { replicatorRights } from './replicator-rights.ts'

/** One end of a replicator. */
export interface ReplicatorEnd {
  readonly region: string
  readonly clusterArn: Input<string>
  /** Where its brokers are. */
  readonly subnetIds: Input<readonly string[]>
}

export interface KafkaReplicatorArgs {
  /** Of the region that is written to: there the replicator runs. */
  readonly scope: AwsScope
  readonly accountId: Input<string>
  readonly from: ReplicatorEnd
  readonly to: ReplicatorEnd & { readonly securityGroupId: Input<string> }
  /** ARN of a key of the target's region that logs may be encrypted with. */
  readonly logKeyArn: Input<string>
}

/** Seconds, and how many of them in a row: one slow minute wakes nobody. */
const alarmPeriod = 60
const alarmPeriods = 3

const regex = (name: string): string => name.replaceAll('.', '\\.').replaceAll('*', '.*')

/**
 * Copies topics and the places of their readers from one region's Kafka to another's, behind. A copied topic has the alias of its source
 * before its name, so that two sources never mix and nobody reads a copy who did not mean to.
 * Throws RangeError when no edge of the policies leads that way, or the scope is not the target's.
 */
export class KafkaReplicator extends ComponentResource {
  readonly arn: Output<string>

  constructor(name: string, args: KafkaReplicatorArgs, options?: ComponentResourceOptions) {
    super('neurodefender:aws:KafkaReplicator', name, {}, options)
    const { scope, accountId, from, to, logKeyArn } = args
    if (scope.region !== to.region)
      throw new RangeError(`scope.region (${scope.region}) must be the region that is written to, ${to.region}.`)
    const edges = replicationEdges(scope.policies, scope.environment).filter(
      (edge) => edge.what === 'topic' && edge.from === from.region && edge.to === to.region,
    )
    const topics = edges.map((edge) => edge.name)
    if (topics.length === 0)
      throw new RangeError(
        `No topic may go from ${from.region} to ${to.region}: see policies/regions.ts and objectives.`,
      )
    const id = named(scope, 'kafka', 'from', from.region)
    const own = { parent: this }
    const there = { region: to.region }
    const labels = { tags: tags(scope, 'kafka') }
    const role = new aws.iam.Role(
      id,
      {
        name: id,
        description: `Copies Kafka from ${from.region} to ${to.region}`,
        permissionsBoundary: boundaryOf(scope, this),
        assumeRolePolicy: output(accountId).apply((account) =>
          trustOfService('kafka.amazonaws.com', { StringEquals: { 'aws:SourceAccount': account } }),
        ),
        ...labels,
      },
      own,
    )
    const policy = new aws.iam.RolePolicy(
      id,
      { role: role.name, name: 'replicate', policy: documentOf(...replicatorRights(from.clusterArn, to.clusterArn)) },
      own,
    )
    const opened = new aws.msk.ClusterPolicy(
      id,
      {
        clusterArn: from.clusterArn,
        policy: documentOf({
          sid: 'Replicator',
          principals: { Service: ['kafka.amazonaws.com'] },
          actions: ['kafka:CreateVpcConnection', 'kafka:GetBootstrapBrokers', 'kafka:DescribeClusterV2'],
          resources: [from.clusterArn],
          // As MSK documents it, without a condition on the account: who reads, its role says.
        }),
        region: from.region,
      },
      own,
    )
    const logs = logGroup(
      id,
      { scope, component: 'kafka', path: `/aws/vendedlogs/${id}`, keyArn: logKeyArn, ...there },
      own,
    )
    const replicator = new aws.msk.Replicator(
      id,
      {
        replicatorName: id,
        description: `${topics.join(', ')} of ${from.region}`,
        serviceExecutionRoleArn: role.arn,
        kafkaClusters: [
          { amazonMskCluster: { mskClusterArn: from.clusterArn }, vpcConfig: { subnetIds: plain(from.subnetIds) } },
          {
            amazonMskCluster: { mskClusterArn: to.clusterArn },
            vpcConfig: { subnetIds: plain(to.subnetIds), securityGroupsIds: [to.securityGroupId] },
          },
        ],
        replicationInfoList: {
          sourceKafkaClusterArn: from.clusterArn,
          targetKafkaClusterArn: to.clusterArn,
          targetCompressionType: 'NONE',
          topicReplications: [
            {
              topicsToReplicates: topics.map(regex),
              topicNameConfiguration: { type: 'PREFIXED_WITH_SOURCE_CLUSTER_ALIAS' },
              startingPosition: { type: 'EARLIEST' },
              copyTopicConfigurations: true,
              // Who may do what stands in IAM; there are no lists in Kafka.
              copyAccessControlListsForTopics: false,
              // The topics are made after the first replicator.
              detectAndCopyNewTopics: true,
            },
          ],
          consumerGroupReplications: [
            {
              consumerGroupsToReplicates: consumerGroups.map(regex),
              synchroniseConsumerGroupOffsets: true,
              detectAndCopyNewConsumerGroups: true,
            },
          ],
        },
        logDelivery: { replicatorLogDelivery: { cloudwatchLogs: { enabled: true, logGroup: logs.name } } },
        ...there,
        ...labels,
      },
      { ...own, dependsOn: [policy, opened] },
    )
    new aws.cloudwatch.MetricAlarm(
      `${id}-late`,
      {
        name: `${id}-late`,
        alarmDescription: `Kafka of ${from.region} is further behind in ${to.region} than its recovery point allows.`,
        namespace: 'AWS/Kafka',
        metricName: 'ReplicationLatency',
        dimensions: { ReplicatorName: replicator.replicatorName },
        statistic: 'Maximum',
        comparisonOperator: 'GreaterThanThreshold',
        // Milliseconds, as the policies say it.
        threshold: Math.max(...edges.map(lagOf)),
        period: alarmPeriod,
        evaluationPeriods: alarmPeriods,
        ...there,
        ...labels,
      },
      own,
    )
    this.arn = replicator.arn
    this.registerOutputs({ arn: this.arn })
  }
}

const plain = (ids: Input<readonly string[]>): Output<string[]> => output(ids).apply((known) => [...known])

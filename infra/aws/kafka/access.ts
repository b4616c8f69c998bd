import { type Input, interpolate, type Output, output } from '@pulumi/pulumi'
import { replicationEdges } from '../../../policies/residency.ts'
import type { ServiceName } from '../../../policies/services.ts'
import type { TopicName } from '../../../policies/storage.ts'
import type { InputStatement } from '../iam/document.ts'
import type { AwsScope } from '../scope.ts'

interface Access {
  readonly writes?: readonly TopicName[]
  /** As a consumer group of `groups`. */
  readonly reads?: readonly TopicName[]
  /** Names of its consumer groups; one may end with '*'. Empty: it reads without a group. Default: the service's own name. */
  readonly groups?: readonly string[]
  /** Makes the topics and sets what they have of their own. */
  readonly manages?: true
}

/** What each caller of Kafka does there. `services/` holds the code that does it. */
const access: Readonly<Partial<Record<ServiceName, Access>>> = {
  'event-collector': { reads: ['shards.map'], groups: [], writes: ['events.raw', 'events.dead-letter'] },
  analytics: { writes: ['audit.queries'] },
  'hot-sink': {
    reads: ['events.raw', 'alerts', 'shards.map'],
    groups: ['hot-sink', 'hot-sink.alerts'],
    // Into events.raw: what an older placement of its tenant put into the wrong partition.
    writes: ['events.raw', 'events.dead-letter'],
  },
  'correlation-engine': {
    reads: ['events.raw', 'alerts', 'correlation.state', 'shards.map'],
    // One for each shard, one for the map's readers and one for the webhooks.
    groups: ['correlation-engine.*'],
    writes: ['alerts', 'correlation.state', 'shards.reports', 'events.dead-letter'],
  },
  'shard-manager': { reads: ['shards.map', 'shards.reports', 'events.raw'], groups: [], writes: ['shards.map'] },
  topics: { manages: true },
}

function groupsOf(service: string, { reads, groups }: Access): readonly string[] {
  return reads ? (groups ?? [service]) : []
}

/** Consumer groups whose place in a topic follows it to DR: those of each service that reads. */
export const consumerGroups: readonly string[] = Object.entries(access).flatMap(([service, own]) =>
  groupsOf(service, own),
)

/** 'arn:…:cluster/NAME/UUID' → 'arn:…:topic/NAME/UUID/events.raw' */
const within = (clusterArn: Input<string>, kind: 'topic' | 'group', name: string): Output<string> =>
  interpolate`${output(clusterArn).apply((arn) => arn.replace(':cluster/', `:${kind}/`))}/${name}`

/**
 * What IAM lets a service do in its region's Kafka, and nothing more. No service may delete a topic or change its partitions.
 * Throws RangeError for one whose edge to Kafka in `policies.services` and whose row here do not go together.
 */
export function kafkaAccess(scope: AwsScope, service: string, clusterArn: Input<string>): readonly InputStatement[] {
  const policy = scope.policies.services[service]
  const row = access[service as ServiceName]
  const calls = policy?.calls.some((edge) => edge.service === 'kafka' && edge.port === 'kafka') ?? false
  if (!row || !calls)
    throw new RangeError(
      calls
        ? `'${service}' calls Kafka, and infra/aws/kafka/access.ts does not say what it does there.`
        : `'${service}' has no edge to Kafka: add one to services.${service}.calls.`,
    )
  const { manages, reads = [], writes = [] } = row
  const topics = (names: readonly string[]) => names.map((name) => within(clusterArn, 'topic', name))
  const statements: readonly (InputStatement | false)[] = [
    {
      sid: 'Connect',
      actions: [
        'kafka-cluster:Connect',
        ...(writes.length > 0 ? ['kafka-cluster:WriteDataIdempotently'] : []),
        ...(manages ? ['kafka-cluster:DescribeCluster'] : []),
      ],
      resources: [clusterArn],
    },
    writes.length > 0 && {
      sid: 'Write',
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
      resources: topics(writes),
    },
    reads.length > 0 && {
      sid: 'Read',
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      resources: topics([...reads, ...copiesOf(scope, reads)]),
    },
    groupsOf(service, row).length > 0 && {
      sid: 'Group',
      actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
      resources: groupsOf(service, row).map((name) => within(clusterArn, 'group', name)),
    },
    manages === true && {
      sid: 'Topics',
      actions: [
        'kafka-cluster:CreateTopic',
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:DescribeTopicDynamicConfiguration',
        'kafka-cluster:AlterTopicDynamicConfiguration',
      ],
      resources: topics(Object.keys(scope.policies.topics)),
    },
  ]
  return statements.filter((statement) => statement !== false)
}

/** The replicator puts the alias of the cluster that a topic is of before its name. */
const copiesOf = ({ policies, environment, region }: AwsScope, topics: readonly TopicName[]): readonly string[] =>
  topics
    .filter((topic) =>
      replicationEdges(policies, environment).some(
        ({ what, name, to }) => what === 'topic' && name === topic && to === region,
      ),
    )
    .map((topic) => `*.${topic}`)

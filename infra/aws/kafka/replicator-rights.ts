import { type Input, type Output, output } from '@pulumi/pulumi'
import type { InputStatement } from '../iam/document.ts'

/** The cluster itself, and all topics and groups in it. */
const inside = (clusterArn: Input<string>): readonly Output<string>[] => [
  output(clusterArn),
  ...(['topic', 'group'] as const).map((kind) =>
    output(clusterArn).apply((arn) => `${arn.replace(':cluster/', `:${kind}/`)}/*`),
  ),
]

const actions = (...names: readonly string[]): string[] => names.map((name) => `kafka-cluster:${name}`)

/** What MSK's replicator does in both clusters: of the source it changes nothing but its own group, and it deletes nowhere. */
export const replicatorRights = (source: Input<string>, target: Input<string>): readonly InputStatement[] => [
  {
    sid: 'Source',
    actions: actions(
      'Connect',
      'DescribeCluster',
      'DescribeTopic',
      'DescribeTopicDynamicConfiguration',
      'ReadData',
      'DescribeGroup',
      'AlterGroup',
      // MSK asks for it on both ends; without WriteData it writes nothing.
      'WriteDataIdempotently',
    ),
    resources: inside(source),
  },
  {
    sid: 'Target',
    actions: actions(
      'Connect',
      'DescribeCluster',
      'AlterCluster',
      'DescribeTopic',
      'CreateTopic',
      'AlterTopic',
      'DescribeTopicDynamicConfiguration',
      'AlterTopicDynamicConfiguration',
      'ReadData',
      'WriteData',
      'WriteDataIdempotently',
      'DescribeGroup',
      'AlterGroup',
    ),
    resources: inside(target),
  },
]

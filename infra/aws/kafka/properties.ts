import { bytes } from '../../../policies/model/units.ts'
import type { AwsScope } from '../scope.ts'

/** The settings of the brokers, by their name in Kafka. What a topic has of its own, its tiers included, the topics job sets. */
export function brokerProperties({ policies, policy }: AwsScope): Readonly<Record<string, string>> {
  const { minInSync, replicas } = policy.kafka
  const largest = Math.max(...Object.values(policies.topics).map(({ maxRecord }) => bytes(maxRecord)))
  return {
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(replicas),
    'message.max.bytes': String(largest),
    'min.insync.replicas': String(minInSync),
    'offsets.topic.replication.factor': String(replicas),
    'replica.fetch.max.bytes': String(largest),
    'transaction.state.log.min.isr': String(minInSync),
    'transaction.state.log.replication.factor': String(replicas),
    // A replica that misses acknowledged records never becomes the leader.
    'unclean.leader.election.enable': 'false',
  }
}

/** As MSK takes them. */
export const serverProperties = (scope: AwsScope): string =>
  Object.entries(brokerProperties(scope))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')

import { decodeAssignment, divideInTurn, encodeSubscription, roundRobin } from './assignment.ts'
import { GroupConsumer, type KafkaConsumerOptions } from './group-consumer.ts'

/** A member of a Kafka consumer group that shares the topic's partitions: eager rebalances, commits by hand and fenced by generation. */
export class KafkaConsumer extends GroupConsumer {
  constructor(options: KafkaConsumerOptions) {
    const { topic } = options
    super(options, {
      instanceId: null,
      protocol: roundRobin,
      metadata: encodeSubscription(topic),
      divide: async (cluster, members) => {
        const leaders = await cluster.leaders(topic)
        return divideInTurn(
          topic,
          [...leaders.keys()].sort((a, b) => a - b),
          members,
        )
      },
    })
  }

  protected override partitionsOf(assignment: Buffer): readonly number[] {
    return decodeAssignment(assignment, this.options.topic)
  }
}

import { sharding } from '../../../policies/sharding.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { boot } from '../../common/process/boot.ts'
import { shardOf } from './shard.ts'

await boot(
  'correlation-engine',
  (env) => ({ kafka: kafkaConfig(env), pod: env.text('ND_POD') }),
  async ({ config, log, lifecycle, tls }) => {
    const { region } = config
    const shard = shardOf(config.pod, sharding.shards[config.environment])
    const consumer = new KafkaConsumer({
      ...kafkaAccess({ config: config.kafka, region, tls, log }),
      clientId: `correlation-engine.${shard}.${region}`,
      group: `correlation-engine.${shard}`,
      topic: 'events.raw',
    })
    lifecycle.check('kafka', () => (consumer.healthy ? undefined : 'This process has not joined its group.'))
    lifecycle.onStop('consumer', () => consumer.close())
    void consumer.run({
      assigned() {},
      revoked() {},
      records: (partition, records) => consumer.commit(partition, records.at(-1)!.offset + 1n),
    })
  },
)

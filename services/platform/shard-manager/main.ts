import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { boot } from '../../common/process/boot.ts'

await boot(
  'shard-manager',
  (env) => ({ kafka: kafkaConfig(env) }),
  async ({ config, log, lifecycle, tls }) => {
    const { region } = config
    const consumer = new KafkaConsumer({
      ...kafkaAccess({ config: config.kafka, region, tls, log }),
      clientId: `shard-manager.${region}`,
      group: 'shard-manager',
      topic: 'shards.map',
    })
    lifecycle.check('kafka', () => (consumer.healthy ? undefined : 'This process does not read the map.'))
    lifecycle.onStop('map', () => consumer.close())
    void consumer.run({ assigned() {}, revoked() {}, records() {} })
  },
)

import { alerting } from '../../../../policies/alerting.ts'
import type { AlertingPolicy } from '../../../../policies/model/alerting.ts'
import { kafkaAccess, kafkaConfig } from '../../../common/bus/kafka/config.ts'
import { KafkaProducer } from '../../../common/bus/kafka/producer.ts'
import { boot } from '../../../common/process/boot.ts'
import { startWebhooks, webhooksConfig } from '../webhooks/start.ts'

/** The engine's webhooks alone, as the engine starts them; ND_TEST_WEBHOOKS (JSON) replaces parts of the policy, so that a test need not wait ten minutes. */
await boot(
  'correlation-engine',
  (env) => ({
    kafka: kafkaConfig(env),
    webhooks: webhooksConfig(env),
    policy: JSON.parse(env.text('ND_TEST_WEBHOOKS', '{}')) as Partial<AlertingPolicy['webhooks']>,
  }),
  async ({ config, log, metrics, lifecycle, tls, tracer, fileCounts }) => {
    const kafka = { ...kafkaAccess({ config: config.kafka, region: config.region, tls, log }), clientId: 'webhooks' }
    const producer = new KafkaProducer({ ...kafka, ackTimeoutMs: 20_000, maxQueuedBytes: 2 ** 20 })
    lifecycle.onStop('producer', () => producer.close())
    const policy = { ...alerting, webhooks: { ...alerting.webhooks, ...config.policy } }
    startWebhooks({ config: config.webhooks, kafka, producer, policy, lifecycle, fileCounts, metrics, log, tracer })
  },
)

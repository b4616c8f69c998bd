import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { storage } from '../../../policies/storage.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { brokersConfig } from '../../common/config/process.ts'
import { hotTierClient, hotTierConfig } from '../../common/hot-tier/client.ts'
import { createStatements, eventsTable } from '../../common/hot-tier/schema.ts'
import { boot } from '../../common/process/boot.ts'
import { ClickHouseHotTier } from './hot-tier.ts'
import { Sink } from './sink.ts'

const { hot, block } = storage
const { ingest, query } = objectives
const maxBlockBytes = bytes(block.maxBytes)
/** Blocks on their way at once: enough to keep the hot tier busy while the next is being made, few enough to leave it to its readers. */
const concurrency = 4
const lagMaxAgeMs = 5_000

await boot(
  'hot-sink',
  (env) => ({ brokers: brokersConfig(env), hotTier: hotTierConfig(env) }),
  async ({ config, log, metrics, lifecycle, tls }) => {
    const kafka = { brokers: config.brokers, tls, clientId: `hot-sink.${config.region}`, log }
    const client = hotTierClient({
      config: config.hotTier,
      tls,
      application: 'hot-sink',
      // The server gives a statement up after twice a query's time; its answer is worth waiting for.
      timeoutMs: 3 * milliseconds(query.timeout),
      maxConnections: concurrency,
    })
    lifecycle.onStop('hot tier client', () => client.close())
    const producer = new KafkaProducer({
      ...kafka,
      ackTimeoutMs: milliseconds(ingest.ackTimeout),
      maxQueuedBytes: maxBlockBytes,
    })
    lifecycle.onStop('producer', () => producer.close())
    const consumer = new KafkaConsumer({ ...kafka, group: 'hot-sink', topic: 'events.raw' })
    const sink = new Sink({
      topic: 'events.raw',
      consumer,
      producer,
      hotTier: new ClickHouseHotTier({ client, table: eventsTable, createStatements: createStatements(hot) }),
      limits: {
        maxRows: block.maxRows,
        maxBytes: maxBlockBytes,
        maxDelayMs: milliseconds(block.maxDelay),
        partitionBy: hot.partitionBy,
        // A record holds events of one request, and no request unfolds to more.
        maxRecordBytes: bytes(ingest.maxBody),
      },
      room: { partition: maxBlockBytes, total: 4 * maxBlockBytes },
      concurrency,
      lagMaxAgeMs,
      metrics,
      log,
    })
    lifecycle.check('hot tier', () => sink.trouble)
    lifecycle.check('kafka', () => (consumer.healthy ? undefined : 'This process has not joined its group.'))
    lifecycle.onStop('sink', () => sink.stop(milliseconds(services['hot-sink'].grace) / 3))
    void sink.start()
  },
)

import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { storage } from '../../../policies/storage.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { hotTierClient, hotTierConfig } from '../../common/hot-tier/client.ts'
import { hotTierCluster } from '../../common/hot-tier/cluster.ts'
import { boot } from '../../common/process/boot.ts'
import { connectHotTier } from './connect.ts'
import { Sink } from './sink.ts'

const { hot, block } = storage
const { ingest, query } = objectives
const maxBlockBytes = bytes(block.maxBytes)
/** Blocks on their way at once: enough to keep the hot tier busy while the next is being made, few enough to leave it to its readers. */
const concurrency = 4
const lagMaxAgeMs = 5_000

await boot(
  'hot-sink',
  (env) => ({ kafka: kafkaConfig(env), hotTier: hotTierConfig(env), cluster: hotTierCluster(env) }),
  async ({ config, log, metrics, lifecycle, tls }) => {
    const { region } = config
    const kafka = { ...kafkaAccess({ config: config.kafka, region, tls, log }), clientId: `hot-sink.${region}` }
    const client = (url: URL) => {
      const made = hotTierClient({
        config: { ...config.hotTier, url },
        tls,
        application: 'hot-sink',
        // The server gives a statement up after twice a query's time; its answer is worth waiting for.
        timeoutMs: 3 * milliseconds(query.timeout),
        maxConnections: concurrency,
      })
      lifecycle.onStop('hot tier client', () => made.close())
      return made
    }
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
      hotTier: connectHotTier({
        client,
        url: config.hotTier.url,
        cluster: config.cluster,
        region,
        hot,
        quorumTimeoutMs: milliseconds(query.timeout),
      }),
      limits: {
        maxRows: block.maxRows,
        maxBytes: maxBlockBytes,
        maxDelayMs: milliseconds(block.maxDelay),
        partitionBy: hot.partitionBy,
        // A record holds events of one request, and no request unfolds to more.
        maxRecordBytes: bytes(ingest.maxBody),
      },
      // Of unfolded records, and of whole blocks: what waits is to fill one, while another is on its way.
      room: { partition: 2 * maxBlockBytes, total: 5 * maxBlockBytes },
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

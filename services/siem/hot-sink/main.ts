import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { storage, topics } from '../../../policies/storage.ts'
import { BusError } from '../../common/bus/errors.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaConsumer } from '../../common/bus/kafka/consumer.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { hotTierClient, hotTierConfig } from '../../common/hot-tier/client.ts'
import { hotTierCluster } from '../../common/hot-tier/cluster.ts'
import { boot } from '../../common/process/boot.ts'
import { ShardMapReader } from '../../common/sharding/reader.ts'
import { alertContent } from './alerts.ts'
import { connectHotTier } from './connect.ts'
import { Placements } from './placements.ts'
import { eventContent } from './rows.ts'
import { Sink } from './sink.ts'

const { hot, block } = storage
const { ingest, query, storing } = objectives
const maxBlockBytes = bytes(block.maxBytes)
/** Blocks on their way at once: enough to keep the hot tier busy while the next is being made, few enough to leave it to its readers. */
const concurrency = 4
/** Blocks wait for longer than this anyway, and many records in one fetch cost the brokers and this process less than many fetches. */
const gather = { bytes: 512 * 1_024, milliseconds: 250 }
const lagMaxAgeMs = 5_000

await boot(
  'hot-sink',
  (env) => ({ kafka: kafkaConfig(env), hotTier: hotTierConfig(env), cluster: hotTierCluster(env) }),
  async ({ config, log, metrics, lifecycle, tls, tracer }) => {
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
    const mapReader = new KafkaReader({ ...kafka, topic: 'shards.map' })
    const maps = new ShardMapReader({ reader: mapReader, log })
    lifecycle.onStop('shard map', async () => {
      await maps.close()
      await mapReader.close()
    })
    const tier = {
      client,
      url: config.hotTier.url,
      cluster: config.cluster,
      region,
      hot,
      quorumTimeoutMs: milliseconds(query.timeout),
    }
    const limits = {
      maxRows: block.maxRows,
      maxBytes: maxBlockBytes,
      maxDelayMs: milliseconds(block.maxDelay),
      partitionBy: hot.partitionBy,
    }
    const kinds = [
      {
        of: 'events',
        topic: 'events.raw',
        group: 'hot-sink',
        content: eventContent,
        // A record holds events of one request, and no request unfolds to more.
        maxRecordBytes: bytes(ingest.maxBody),
        // Of unfolded records, and of whole blocks: what waits is to fill one, while another is on its way.
        room: { partition: 2 * maxBlockBytes, total: 5 * maxBlockBytes },
        concurrency,
      },
      {
        of: 'alerts',
        topic: 'alerts',
        group: 'hot-sink.alerts',
        content: alertContent,
        maxRecordBytes: bytes(topics.alerts.maxRecord),
        // Alerts are few: what comes in a burst is stored in smaller blocks.
        room: { partition: maxBlockBytes / 4, total: maxBlockBytes },
        concurrency: 1,
      },
    ] as const
    const sinks = kinds.map(({ group, maxRecordBytes, ...kind }) => {
      const consumer = new KafkaConsumer({ ...kafka, group, topic: kind.topic, gather })
      const placements =
        kind.of === 'events'
          ? new Placements({ maps, partitions: environments[config.environment].kafka.partitions, consumer, producer })
          : undefined
      const sink = new Sink({
        ...kind,
        consumer,
        producer,
        ...(placements ? { placements } : {}),
        hotTier: connectHotTier(tier, kind.of),
        limits: { ...limits, partitionBy: kind.of === 'alerts' ? 'day' : hot.partitionBy, maxRecordBytes },
        lagMaxAgeMs,
        metrics,
        promisedMs: milliseconds(storing.latencyP99),
        log: log.with({ of: kind.of }),
        tracer,
      })
      lifecycle.check(`hot tier (${kind.of})`, () => sink.trouble)
      lifecycle.check(`kafka (${kind.of})`, () =>
        consumer.healthy ? undefined : 'This process has not joined its group.',
      )
      return sink
    })
    lifecycle.onStop('sinks', async () => {
      const flushMs = milliseconds(services['hot-sink'].grace) / 3
      await Promise.all(sinks.map((sink) => sink.stop(flushMs)))
    })
    const [events, alerts] = sinks as [Sink, Sink]
    void alerts.start()
    let known = false
    lifecycle.check('shard map', () => (known ? undefined : 'The shard map has not been read yet.'))
    const begin = async () => {
      await maps.start()
      known = true
      maps.onChange(() => events.look())
      await events.start()
    }
    begin().catch((error: unknown) => {
      if (!(error instanceof BusError && error.code === 'CLOSED')) throw error
    })
  },
)

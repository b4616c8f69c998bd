import { alerting } from '../../../policies/alerting.ts'
import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { sharding } from '../../../policies/sharding.ts'
import type { TopicName } from '../../../policies/storage.ts'
import { tracing } from '../../../policies/tracing.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { KafkaSoleConsumer } from '../../common/bus/kafka/sole-consumer.ts'
import { boot } from '../../common/process/boot.ts'
import { dutiesOf } from '../../common/sharding/duties.ts'
import { ShardMapReader } from '../../common/sharding/reader.ts'
import { ShardReports } from '../../common/sharding/report.ts'
import { correlatorOptions } from './correlation/index.ts'
import { CostWatch } from './cost-watch.ts'
import { Detector } from './detector.ts'
import { Engine } from './engine.ts'
import { engineMetrics } from './metrics.ts'
import { RuleBook } from './rule-book.ts'
import { rulesRoutes } from './rules-report.ts'
import { shardOf } from './shard.ts'
import { shippedRules } from './shipped.ts'
import { windows } from './sigma/index.ts'
import { startWebhooks, webhooksConfig } from './webhooks/start.ts'

const { ingest, correlation } = objectives
const rulesPollMs = 5_000

await boot(
  'correlation-engine',
  (env) => ({
    kafka: kafkaConfig(env),
    pod: env.text('ND_POD'),
    rules: env.oneOf('ND_RULES_PACK', ['shipped', 'none'], 'shipped'),
    webhooks: webhooksConfig(env),
    rulesFolder: env.text('ND_RULES_DIR', '/etc/neurodefender/rules'),
  }),
  async ({ config, log, metrics, lifecycle, tls, tracer, fileCounts, adminRoutes }) => {
    const { region } = config
    const { kafka: topics } = environments[config.environment]
    const shard = shardOf(config.pod, sharding.shards[config.environment])
    const kafka = {
      ...kafkaAccess({ config: config.kafka, region, tls, log }),
      clientId: `correlation-engine.${shard}.${region}`,
    }
    const counts = engineMetrics(metrics, seconds(ingest.latencyP99), {
      lag: () => engine.lag,
      waiting: () => engine.waiting,
      remembered: () => engine.remembered,
      slots: () => engine.slots,
      rules: () => book.current?.ruleSet.rules.length ?? 0,
      problems: () => book.current?.problems.length ?? 0,
      isolated: () => watch.isolated.length,
    })
    const book = new RuleBook({
      packs: config.rules === 'shipped' ? shippedRules() : [],
      folder: config.rulesFolder,
      mapping: windows,
      mostEvents: correlation.eventsPerGroup,
      pollMs: rulesPollMs,
      log,
      reloaded: counts.reloaded,
    })
    lifecycle.onStop('rules', () => book.close())
    const watch = new CostWatch({
      slowMs: milliseconds(alerting.cost.slow),
      strikes: alerting.cost.strikes,
      log,
      isolated: counts.isolated,
    })
    adminRoutes(rulesRoutes(book, watch))
    const detector = new Detector(await book.start(), {
      correlator: correlatorOptions(correlation),
      // A record holds events of one request, and no request unfolds to more.
      maxRecordBytes: bytes(ingest.maxBody),
      maxEvidenceBytes: bytes(alerting.maxEvent),
      watch,
      counts,
    })
    book.onChange((pack) => detector.use(pack))
    const reader = (topic: TopicName) => {
      const made = new KafkaReader({ ...kafka, topic })
      lifecycle.onStop(`reader of ${topic}`, () => made.close())
      return made
    }
    const producer = new KafkaProducer({
      ...kafka,
      ackTimeoutMs: milliseconds(ingest.ackTimeout),
      maxQueuedBytes: bytes(ingest.maxInFlight),
      lingerMs: 0,
    })
    lifecycle.onStop('producer', () => producer.close())
    const reports = new ShardReports({ producer, shard, log })
    lifecycle.onStop('reports', () => reports.close())
    const consumer = new KafkaSoleConsumer({ ...kafka, group: `correlation-engine.${shard}`, topic: 'events.raw' })
    const engine: Engine = new Engine({
      consumer,
      producer,
      readers: { events: reader('events.raw'), state: reader('correlation.state'), alerts: reader('alerts') },
      detector,
      partitions: topics.partitions,
      limits: {
        saveMs: milliseconds(alerting.snapshot),
        remembered: alerting.remembered,
        waiting: alerting.waiting,
        maxLag: sharding.moves.maxLag,
      },
      report: (map, moves) => reports.put({ map, moves }),
      loads: (rates) => reports.load(rates),
      counts,
      log,
      tracing: { tracer, alerts: tracing.spans.alerts },
    })
    lifecycle.check('engine', () => engine.trouble)
    lifecycle.onStop('engine', () => engine.stop(milliseconds(services['correlation-engine'].grace) / 3))
    const maps = new ShardMapReader({ reader: reader('shards.map'), log })
    lifecycle.onStop('map', () => maps.close())
    void engine.start()
    const webhooks = { config: config.webhooks, kafka, producer, policy: alerting }
    startWebhooks({ ...webhooks, lifecycle, fileCounts, metrics, log, tracer })
    maps.onChange((map) => void engine.obey(map.version, dutiesOf(map, shard)))
    void maps.start()
  },
)

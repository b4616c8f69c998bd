import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds, perSecond, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { services } from '../../../policies/services.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { KafkaReader } from '../../common/bus/kafka/reader.ts'
import { entryServer } from '../../common/http/entry.ts'
import { httpMetrics } from '../../common/http/server.ts'
import { Placing } from '../../common/placing/placing.ts'
import { boot } from '../../common/process/boot.ts'
import { ShardMapReader } from '../../common/sharding/reader.ts'
import { TenantRegistry } from '../../common/tenants/registry.ts'
import { Collector } from './collector.ts'
import { InFlight } from './in-flight.ts'
import { openSyslog } from './messages/entries.ts'
import { collectorMetrics, mapMetrics } from './metrics.ts'
import { OtlpLogs } from './otlp/logs.ts'
import { Quotas } from './quota.ts'

const { ingest } = objectives
const { ports } = services['event-collector']
const ackTimeoutMs = milliseconds(ingest.ackTimeout)

await boot(
  'event-collector',
  (env) => ({
    kafka: kafkaConfig(env),
    syslogPorts: {
      tls: env.port('ND_SYSLOG_TLS_PORT', ports['syslog-tls']),
      tcp: env.port('ND_SYSLOG_TCP_PORT', ports.syslog),
      udp: env.port('ND_SYSLOG_UDP_PORT', ports['syslog-udp']),
    },
    tenantsFile: env.text('ND_TENANTS_FILE', '/etc/neurodefender/tenants/tenants.json'),
  }),
  async ({ config, log, metrics, lifecycle, tls, tracer, fileCounts }) => {
    const { kafka, tenantQuota, clearInlets } = environments[config.environment]
    const { region } = config
    const maxInFlight = bytes(ingest.maxInFlight)
    const tenants = new TenantRegistry({ file: config.tenantsFile, log, counts: fileCounts })
    lifecycle.onStop('tenant registry', () => tenants.close())
    const access = { ...kafkaAccess({ config: config.kafka, region, tls, log }), clientId: `event-collector.${region}` }
    const producer = new KafkaProducer({
      ...access,
      ackTimeoutMs,
      maxQueuedBytes: maxInFlight,
    })
    lifecycle.onStop('producer', () => producer.close())
    const mapReader = new KafkaReader({ ...access, topic: 'shards.map' })
    lifecycle.onStop('reader of shards.map', () => mapReader.close())
    const mapCounts = mapMetrics(metrics, () => maps.current)
    const maps: ShardMapReader = new ShardMapReader({ reader: mapReader, log, refused: mapCounts.refused })
    const placing = new Placing(maps)
    const inFlight = new InFlight(maxInFlight)
    const counters = collectorMetrics(metrics, inFlight)
    const quotas = new Quotas({ eventsPerSecond: perSecond(tenantQuota.events), burst: tenantQuota.burst })
    const clock = { aheadMs: milliseconds(ingest.clock.ahead), behindMs: milliseconds(ingest.clock.behind) }
    const collector = new Collector({
      region,
      partitions: kafka.partitions,
      placing,
      limits: {
        maxBodyBytes: bytes(ingest.maxBody),
        maxEventBytes: bytes(ingest.maxEvent),
        maxEvents: ingest.maxEventsPerRequest,
      },
      clock,
      tenants,
      quotas,
      inFlight,
      producer,
      metrics: counters,
      tracer,
    })
    const logs = new OtlpLogs({
      collector,
      limits: { maxEventBytes: bytes(ingest.maxEvent), maxEvents: ingest.maxEventsPerRequest },
      clock,
      clockProblem: (problem) => counters.clock.inc({ problem }),
    })
    await producer.connect()
    // Before the first request: one that began with an older map than before would place a repeated batch elsewhere.
    await maps.start()
    lifecycle.onStop('map', () => maps.close())
    const server = entryServer({
      entry: config.entry,
      tls,
      lifecycle,
      log,
      routes: { ...collector.routes, ...logs.routes },
      metrics: httpMetrics(metrics, seconds(ingest.latencyP99)),
    })
    await server.listen()
    lifecycle.onStop('entry', () => server.stop(ackTimeoutMs))
    await openSyslog({
      region,
      environment: { kafka: { partitions: kafka.partitions }, clearInlets },
      ingest,
      host: config.host,
      ports: config.syslogPorts,
      tenants,
      quotas,
      inFlight,
      producer,
      placing,
      tls,
      lifecycle,
      log,
      metrics,
      counters,
      tracer,
    })
  },
)

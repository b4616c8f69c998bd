import { caching } from '../../../policies/caching.ts'
import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { kafkaAccess, kafkaConfig } from '../../common/bus/kafka/config.ts'
import { KafkaProducer } from '../../common/bus/kafka/producer.ts'
import { Claims } from '../../common/cache/claims.ts'
import { CacheLevels } from '../../common/cache/levels.ts'
import { Lru } from '../../common/cache/lru.ts'
import { RedisCache, redisConfig } from '../../common/cache/redis.ts'
import { Versions } from '../../common/cache/versions.ts'
import { hotTierClient, hotTierConfig } from '../../common/hot-tier/client.ts'
import { entryServer } from '../../common/http/entry.ts'
import { httpMetrics } from '../../common/http/server.ts'
import { boot } from '../../common/process/boot.ts'
import { TenantRegistry } from '../../common/tenants/registry.ts'
import { Analytics } from './analytics.ts'
import { Answers } from './answers.ts'
import { Cursors } from './cursor.ts'
import { Gate } from './gate.ts'
import { HotTier } from './hot-tier.ts'
import { analyticsMetrics } from './metrics.ts'
import { Audit } from './operators/audit.ts'
import { Budget } from './operators/budget.ts'
import { Operators } from './operators/operators.ts'
import { Probe } from './probe.ts'
import { type SourceName, sourceNames } from './sources.ts'

const { query } = objectives
const timeoutMs = milliseconds(query.timeout)
/** A statement takes a core or more of the hot tier, which also takes in events. */
const maxRunning = 4
const maxWaiting = 64
/** Who waits half as long as an answer may take gets none in time. */
const waitMs = timeoutMs / 2
const probeEveryMs = 2_000
/** Looking up versions is a small statement, and an answer from the shared cache waits for it: it does not stand in line with questions. */
const versionLine = { maxRunning: 2, maxAlong: 500, timeoutMs: milliseconds(caching.l1.ttl) }
/** How often a replica looks whether another has the answer that both need. */
const claimEveryMs = 25
/** Audit records that wait for Kafka, bytes. */
const maxAuditBytes = 2 ** 20
/** Latencies are measured from a hundredth of what is promised to a hundred times it. */
const scaleSeconds = seconds(query.latencyP99)
/** Shares of a pod's memory: answers in L1, and one answer while it is read, in the engine's bytes. */
const nearShare = 1 / 16
const answerShare = 1 / 32
/** Redis is for many small answers, and a long one would hold up the others. */
const maxFarLength = 2 ** 20

await boot(
  'analytics',
  (env) => ({
    hotTier: hotTierConfig(env),
    redis: redisConfig(env),
    kafka: kafkaConfig(env),
    tenantsFile: env.text('ND_TENANTS_FILE', '/etc/neurodefender/tenants/tenants.json'),
  }),
  async ({ config, log, metrics, lifecycle, tls, tracer, fileCounts }) => {
    const memory = bytes(environments[config.environment].sizes.analytics.memory)
    const tenants = new TenantRegistry({ file: config.tenantsFile, log, counts: fileCounts })
    lifecycle.onStop('tenant registry', () => tenants.close())
    const client = hotTierClient({
      config: config.hotTier,
      tls,
      application: `analytics.${config.region}`,
      // Later than a statement's own deadline, which says what it means.
      timeoutMs: 1.5 * timeoutMs,
      // One more for the probe; versions of each source.
      maxConnections: maxRunning + sourceNames.length * versionLine.maxRunning + 1,
    })
    lifecycle.onStop('hot tier client', () => client.close())
    const redis = new RedisCache({ config: config.redis, tls, log, timeoutMs: milliseconds(caching.l2.timeout) })
    lifecycle.onStop('shared cache', () => redis.close())
    const gate = new Gate({ maxRunning, maxWaiting, waitMs })
    const own = analyticsMetrics(metrics, gate, scaleSeconds)
    const hotTier = new HotTier({ client, log, timeoutMs, maxResultBytes: memory * answerShare, metrics: own })
    const probe = new Probe({ ask: (signal) => hotTier.probe(signal), everyMs: probeEveryMs, log })
    lifecycle.check('hot tier', () => probe.reason)
    lifecycle.onStop('probe', () => probe.stop())
    const nearTtlMs = milliseconds(caching.l1.ttl)
    const versions = new Versions<SourceName>({
      ...versionLine,
      look: (source, names) => hotTier.versions(source, names, AbortSignal.timeout(versionLine.timeoutMs)),
      ttlMs: nearTtlMs,
      keepMs: milliseconds(caching.l2.ttl),
      maxEntries: caching.l1.maxEntries,
    })
    lifecycle.onStop('versions', () => versions.close())
    const answers = new Answers({
      caches: new CacheLevels({
        near: new Lru({ ttlMs: nearTtlMs, maxEntries: caching.l1.maxEntries, maxSize: memory * nearShare }),
        far: redis,
        nearTtlMs,
        farTtlMs: milliseconds(caching.l2.ttl),
        maxFarLength,
        count: own.cacheRequest,
      }),
      versions,
      claims: new Claims({ far: redis, ttlMs: timeoutMs, waitMs: nearTtlMs, everyMs: claimEveryMs }),
      refusals: new Lru({
        ttlMs: milliseconds(caching.refusals.ttl),
        maxEntries: caching.l1.maxEntries,
        maxSize: caching.l1.maxEntries,
      }),
      gate,
      hotTier,
      refusedAgain: own.refusedAgain,
    })
    const analytics = new Analytics({
      region: config.region,
      maxRows: query.maxRows,
      maxPage: query.maxPage,
      tenants,
      answers,
      cursors: new Cursors(config.hotTier.password),
      metrics: own,
      tracer,
    })
    const producer = new KafkaProducer({
      ...kafkaAccess({ config: config.kafka, region: config.region, tls, log }),
      clientId: `analytics.${config.region}`,
      ackTimeoutMs: milliseconds(objectives.ingest.ackTimeout),
      maxQueuedBytes: maxAuditBytes,
    })
    lifecycle.onStop('producer', () => producer.close())
    const { grain, questionsPerDay, ...rules } = query.crossTenant
    const operators = new Operators({
      tenants,
      secret: config.hotTier.password,
      limits: { maxRows: query.maxPage, grainMs: milliseconds(grain) },
      rules,
      audit: new Audit({ producer, region: config.region, log }),
      budget: new Budget({ counts: redis, questionsPerDay }),
      gate,
      hotTier,
      metrics: own,
    })
    const server = entryServer({
      entry: config.entry,
      tls,
      lifecycle,
      log,
      routes: { ...analytics.routes, ...operators.routes },
      metrics: httpMetrics(metrics, scaleSeconds),
    })
    await server.listen()
    lifecycle.onStop('entry', () => server.stop(timeoutMs + waitMs))
    probe.start()
  },
)

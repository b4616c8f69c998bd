import { caching } from '../../../policies/caching.ts'
import { environments } from '../../../policies/environments.ts'
import { bytes, milliseconds, seconds } from '../../../policies/model/units.ts'
import { objectives } from '../../../policies/objectives.ts'
import { CacheLevels } from '../../common/cache/levels.ts'
import { Lru } from '../../common/cache/lru.ts'
import { RedisCache, redisConfig } from '../../common/cache/redis.ts'
import { hotTierClient, hotTierConfig } from '../../common/hot-tier/client.ts'
import { entryServer } from '../../common/http/entry.ts'
import { httpMetrics } from '../../common/http/server.ts'
import { boot } from '../../common/process/boot.ts'
import { TenantRegistry } from '../../common/tenants/registry.ts'
import { Analytics } from './analytics.ts'
import { Gate } from './gate.ts'
import { HotTier } from './hot-tier.ts'
import { analyticsMetrics } from './metrics.ts'
import { Probe } from './probe.ts'

const { query } = objectives
const timeoutMs = milliseconds(query.timeout)
/** A statement takes a core or more of the hot tier, which also takes in events. */
const maxRunning = 4
const maxWaiting = 64
/** Who waits half as long as an answer may take gets none in time. */
const waitMs = timeoutMs / 2
const probeEveryMs = 2_000
/** Latencies are measured from a thousandth of the timeout to ten times it; the timeout is a bucket's bound. */
const scaleSeconds = seconds(query.timeout) / 10
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
    tenantsFile: env.text('ND_TENANTS_FILE', '/etc/neurodefender/tenants/tenants.json'),
  }),
  async ({ config, log, metrics, lifecycle, tls }) => {
    const memory = bytes(environments[config.environment].sizes.analytics.memory)
    const tenants = new TenantRegistry(config.tenantsFile, log)
    lifecycle.onStop('tenant registry', () => tenants.close())
    const client = hotTierClient({
      config: config.hotTier,
      tls,
      application: `analytics.${config.region}`,
      // Later than a statement's own deadline, which says what it means.
      timeoutMs: 1.5 * timeoutMs,
      // One more for the probe.
      maxConnections: maxRunning + 1,
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
    const analytics = new Analytics({
      region: config.region,
      maxRows: query.maxRows,
      tenants,
      caches: new CacheLevels({
        near: new Lru({
          ttlMs: milliseconds(caching.l1.ttl),
          maxEntries: caching.l1.maxEntries,
          maxSize: memory * nearShare,
        }),
        far: redis,
        farTtlMs: milliseconds(caching.l2.ttl),
        maxFarLength,
        count: own.cacheRequest,
      }),
      gate,
      hotTier,
      metrics: own,
    })
    const server = entryServer({
      entry: config.entry,
      tls,
      lifecycle,
      log,
      routes: analytics.routes,
      metrics: httpMetrics(metrics, scaleSeconds),
    })
    await server.listen()
    lifecycle.onStop('entry', () => server.stop(timeoutMs + waitMs))
    probe.start()
  },
)

import type { MemoryBus } from '../../../common/bus/memory.ts'
import { createMetrics } from '../../../common/metrics/metrics.ts'
import { Placing } from '../../../common/placing/placing.ts'
import type { ShardMap } from '../../../common/sharding/map.ts'
import type { Tenant } from '../../../common/tenants/registry.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { Collector } from '../collector.ts'
import { InFlight } from '../in-flight.ts'
import { collectorMetrics } from '../metrics.ts'
import { Quotas } from '../quota.ts'

export const limits = { maxBodyBytes: 100_000, maxEventBytes: 10_000, maxEvents: 100 }
export const clock = { aheadMs: 3_600_000, behindMs: 86_400_000 }

export interface TestCollectorOptions {
  /** Asked at each request. */
  readonly bus: () => MemoryBus
  readonly maps?: { readonly current: ShardMap | undefined }
  /** Of the tenant 'small'; the others have none that they reach. */
  readonly small: NonNullable<Tenant['quota']>
  readonly maxInFlight: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

/** A collector of the region 'local' on a bus in memory, whose clock stands. Tokens: nd_acme, nd_globex, nd_small, and nd_away of another region. */
export function testCollector({
  bus,
  maps = { current: undefined },
  small,
  maxInFlight,
  now,
  tracer = untraced,
}: TestCollectorOptions) {
  const tenant = (name: string, more: Partial<Tenant> = {}): [string, Tenant] => [
    `nd_${name}`,
    { name, homeRegion: 'local', quota: undefined, ...more },
  ]
  const tenants = new Map([
    tenant('acme'),
    tenant('globex'),
    tenant('small', { quota: small }),
    tenant('away', { homeRegion: 'us-east-1' }),
  ])
  const metrics = createMetrics({ process: false })
  const inFlight = new InFlight(maxInFlight)
  const counters = collectorMetrics(metrics, inFlight)
  const collector = new Collector({
    region: 'local',
    partitions: 8,
    placing: new Placing(maps),
    clock,
    limits,
    tenants: { find: (token) => tenants.get(token) },
    quotas: new Quotas({ eventsPerSecond: 1e6, burst: 1e6 }, () => 0),
    inFlight,
    producer: { send: (records) => bus().producer().send(records) },
    metrics: counters,
    tracer,
    now: () => now,
  })
  return { collector, metrics, counters, inFlight }
}

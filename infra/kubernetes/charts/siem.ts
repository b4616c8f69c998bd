import type { Construct } from 'constructs'
import type { ServiceName } from '../../../policies/services.ts'
import type { ChartScope } from '../context.ts'
import { protocolOf } from '../mesh/graph.ts'
import { inletsOf, mounted, nodeOf } from '../names.ts'
import { replicas } from '../replicas.ts'
import { replicaPorts } from '../workload/managed-network.ts'
import type { WorkloadProps } from '../workload/props.ts'
import { Workload } from '../workload/workload.ts'
import { clickhouseUrl, replicationEnv } from './clickhouse.ts'
import { kafkaEnv } from './kafka.ts'
import { redisEnv } from './redis.ts'
import { RegionChart } from './region-chart.ts'
import { scaledObject } from './scaled-object.ts'
import { tracesEnv } from './traces.ts'

type Own = Pick<WorkloadProps, 'env' | 'secrets' | 'operators' | 'annotations'>

/** Senders at an inlet prove who they are to the program itself: proxies leave those ports alone. */
const inletPorts = (scope: ChartScope, service: ServiceName): string =>
  inletsOf(scope, service)
    .map(({ port }) => port)
    .join(',')

function collector(scope: ChartScope): Own {
  return {
    env: { ...kafkaEnv(scope), ND_TENANTS_FILE: mounted('tenants', 'tenants.json') },
    secrets: { tenants: { 'tenants.json': scope.context.secrets.tenants } },
    ...(scope.context.cluster.kind === 'managed'
      ? { annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': inletPorts(scope, 'event-collector') } }
      : {}),
  }
}

function hotSink(scope: ChartScope): Own {
  return {
    env: {
      ...kafkaEnv(scope),
      ...replicationEnv(scope),
      ND_CLICKHOUSE_URL: clickhouseUrl(scope),
      ND_CLICKHOUSE_USER: 'sink',
      ND_CLICKHOUSE_PASSWORD_FILE: mounted('clickhouse', 'password'),
    },
    secrets: { clickhouse: { password: scope.context.secrets.clickhouse.sink } },
    ...(scope.context.cluster.kind === 'managed'
      ? { annotations: { 'traffic.sidecar.istio.io/excludeOutboundPorts': `${replicaPorts.lookup}` } }
      : {}),
  }
}

/** What a slot's owner needs: Kafka, where its state is kept too, whom to tell of alerts, and an operator's own rules. */
function correlationEngine(scope: ChartScope): Own {
  return {
    env: { ...kafkaEnv(scope), ND_TENANTS_FILE: mounted('tenants', 'tenants.json') },
    secrets: { tenants: { 'tenants.json': scope.context.secrets.tenants } },
    operators: { rules: 'config', webhooks: 'secret' },
  }
}

/** Kafka, where the map is, and who may change it. Its port is for operators: no gateway leads to it. */
function shardManager(scope: ChartScope): Own {
  return {
    env: { ...kafkaEnv(scope), ND_OPERATORS_FILE: mounted('operators', 'operators.json') },
    secrets: { operators: { 'operators.json': scope.context.secrets.operators } },
  }
}

function analytics(scope: ChartScope): Own {
  const { secrets } = scope.context
  return {
    env: {
      ...kafkaEnv(scope),
      ND_CLICKHOUSE_URL: clickhouseUrl(scope),
      ND_CLICKHOUSE_USER: 'analytics',
      ND_CLICKHOUSE_PASSWORD_FILE: mounted('clickhouse', 'password'),
      ...redisEnv(scope),
      ND_REDIS_PASSWORD_FILE: mounted('redis', 'password'),
      ND_TENANTS_FILE: mounted('tenants', 'tenants.json'),
    },
    secrets: {
      clickhouse: { password: secrets.clickhouse.analytics },
      redis: { password: secrets.redis },
      tenants: { 'tenants.json': secrets.tenants },
    },
  }
}

/** Where proxies of the mesh are to see an entry's requests, its program leaves TLS to the proxy of its pod. */
function entryEnv(scope: ChartScope, service: ServiceName): Readonly<Record<string, string>> {
  const { entry } = nodeOf(scope, service)
  return entry && protocolOf(scope, service, entry) === 'http' ? { ND_ENTRY: 'proxied' } : {}
}

/** The services that take security events in, keep them and answer for them. */
export class Siem extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'siem', scope)
    new Workload(this, scope, { service: 'topics', kind: 'job', env: kafkaEnv(scope) })
    this.#deploy('event-collector', collector(scope))
    this.#deploy('hot-sink', hotSink(scope))
    this.#deploy('analytics', analytics(scope))
    this.#named('correlation-engine', correlationEngine(scope))
    this.#named('shard-manager', shardManager(scope))
  }

  /** Pods with names, of which never two are the same one: an ordinal is a shard, and the map has one writer. */
  #named(service: ServiceName, own: Own): void {
    new Workload(this, this.region, {
      service,
      kind: 'stateful',
      replicas: replicas(this.region, service),
      ...own,
      env: { ...own.env, ...tracesEnv(this.region) },
    })
  }

  #deploy(service: ServiceName, own: Own): void {
    const workload = new Workload(this, this.region, {
      service,
      kind: 'deployment',
      replicas: replicas(this.region, service),
      ...own,
      env: { ...own.env, ...entryEnv(this.region, service), ...tracesEnv(this.region) },
    })
    scaledObject(workload, this.region, service)
  }
}

import type { Input } from '@pulumi/pulumi'
import { bytes, seconds } from '../../../../policies/model/units.ts'
import type { ChartScope } from '../../context.ts'
import { port } from '../../names.ts'
import { derive } from '../../output-resolver.ts'
import { bounds, scalingOf } from '../../replicas.ts'
import { replicaPorts } from '../../workload/managed-network.ts'
import { members, type ReplicaGroup, replicaHosts } from './copies.ts'
import { tlsConfiguration } from './keeper.ts'
import { configuration } from './xml.ts'

/** Where the pod's own full name stands, for replicas of other regions to fetch from. */
export const hostVariable = 'ND_REPLICA_HOST'
/** Where the password stands by which replicas know each other. */
export const replicaPasswordVariable = 'ND_REPLICA_PASSWORD'

const replace = { replace: 'replace' } as const

/** The replicas of every group as ClickHouse knows them. One shard: they hold the same. */
function remoteServers(scope: ChartScope): string {
  const group = (name: ReplicaGroup) => {
    const hosts = members(scope)
      .filter((member) => member.group === name)
      .flatMap(({ region }) => replicaHosts(scope, region))
    if (hosts.length === 0) return undefined
    return {
      shard: {
        internal_replication: true,
        replica: hosts.map((host) => ({ host, port: replicaPorts.native, secure: 1 })),
      },
    }
  }
  return configuration({ remote_servers: { hot: group('hot'), hot_dr: group('hot_dr') } })
}

/** What a server listens on: TLS alone. `admin` answers Prometheus as our own services do. */
const listeners = (scope: ChartScope): string =>
  configuration({
    https_port: port(scope, 'clickhouse', 'clickhouse'),
    tcp_port_secure: replicaPorts.native,
    interserver_https_port: replicaPorts.interserver,
    ...Object.fromEntries(
      ['http_port', 'tcp_port', 'interserver_http_port', 'mysql_port', 'postgresql_port'].map((plain) => [
        plain,
        { $: { remove: 'remove' } },
      ]),
    ),
    prometheus: { endpoint: '/metrics', metrics: true, events: true, asynchronous_metrics: true, errors: true },
    protocols: {
      plain_http: { type: 'http', description: 'questions' },
      lookup: {
        type: 'tls',
        impl: 'plain_http',
        port: replicaPorts.lookup,
        description: 'questions to this replica alone, from any region',
      },
      metrics: { type: 'prometheus', description: 'metrics' },
      admin: {
        type: 'tls',
        impl: 'metrics',
        port: port(scope, 'clickhouse', 'admin'),
        description: 'metrics over TLS',
      },
    },
    openSSL: tlsConfiguration('relaxed'),
  })

/** How replicas find and believe each other. The operator's file says a name that no other region can ask for. */
const replication = (scope: ChartScope): string =>
  configuration({
    interserver_http_host: { $: { from_env: hostVariable, ...replace } },
    interserver_http_credentials: { user: 'replica', password: { $: { from_env: replicaPasswordVariable } } },
    distributed_ddl: { path: '/clickhouse/task_queue/ddl' },
    default_replica_path: '/clickhouse/tables/{shard}/{database}/{table}',
    default_replica_name: '{replica}',
    // A lost part is fetched from another region; a lost disk must not be taken for an empty table.
    merge_tree: {
      replicated_deduplication_window: scope.policies.storage.hot.deduplicationWindow,
      fsync_after_insert: 1,
      fsync_part_directory: 1,
    },
  })

/** Whom a backup goes to, where the region has a bucket for it. Credentials are the pod's role's. */
const backups = (scope: ChartScope, bucket: Input<string>): Input<string> =>
  derive([bucket], (name) =>
    configuration({
      storage_configuration: {
        disks: {
          backups: {
            type: 's3_plain',
            endpoint: `https://${name}.s3.${scope.context.region}.amazonaws.com/clickhouse/`,
            use_environment_credentials: true,
          },
        },
      },
      backups: { allowed_disk: 'backups', allowed_path: '/backups/' },
    }),
  )

/** Files of the server's configuration, which the operator mounts. What is read last wins: `config.d` after the operator's `conf.d`. */
export function serverFiles(scope: ChartScope): Record<string, Input<string>> {
  const { cluster } = scope.context
  return {
    'config.d/neurodefender-listeners.xml': listeners(scope),
    'config.d/neurodefender-remote-servers.xml': remoteServers(scope),
    'config.d/neurodefender-replication.xml': replication(scope),
    'config.d/neurodefender-logger.xml': configuration({
      logger: {
        level: 'information',
        console: true,
        formatting: { type: 'json' },
        log: { $: { remove: 'remove' } },
        errorlog: { $: { remove: 'remove' } },
      },
    }),
    ...(cluster.kind === 'managed' && cluster.backups
      ? { 'config.d/neurodefender-backups.xml': backups(scope, cluster.backups) }
      : {}),
  }
}

/** What one question may take of a server, and how many a user may ask. Nobody but the sink writes, and nobody deletes. */
export function limits(scope: ChartScope) {
  const { query } = scope.policies.objectives
  const size = scope.policy.sizes.clickhouse
  if (!size) throw new RangeError(`environments.${scope.environment}.sizes has no 'clickhouse'.`)
  const qps = scalingOf(scope, 'analytics')?.metrics.find(({ name }) => name === 'qps')?.threshold ?? 1
  const minute = 60
  return {
    profiles: {
      'analytics/readonly': 2,
      'analytics/max_execution_time': seconds(query.timeout),
      'analytics/max_result_rows': query.maxRows,
      'analytics/max_memory_usage': Math.floor(bytes(size.memory) / 4),
      'sink/max_memory_usage': Math.floor(bytes(size.memory) / 2),
    },
    quotas: {
      'analytics/interval/duration': minute,
      'analytics/interval/queries': qps * bounds(scope, 'analytics').max * minute,
    },
  } as const
}

/** What the sink may do: make its table and fill it. Dropping and deleting are the tier mover's alone. */
export const sinkGrants = (database: string): string[] => [
  `GRANT SELECT, INSERT, CREATE DATABASE, CREATE TABLE, ALTER ADD COLUMN, ALTER MODIFY SETTING, ALTER ADD INDEX, ALTER MATERIALIZE INDEX, ALTER ADD PROJECTION, ALTER DROP PROJECTION ON ${database}.*`,
  'GRANT CLUSTER ON *.*',
]

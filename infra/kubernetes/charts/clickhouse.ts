import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { address, mounted } from '../names.ts'
import { derive } from '../output-resolver.ts'
import { replicas } from '../replicas.ts'
import { replicaPorts } from '../workload/managed-network.ts'
import { Workload } from '../workload/workload.ts'
import { groupOf, members, replicaHosts } from './hot-tier/copies.ts'
import { RegionChart } from './region-chart.ts'

/** Where the hot tier answers. */
export const clickhouseUrl = (scope: ChartScope): string => `https://${address(scope, 'clickhouse', 'clickhouse')}`

/** What a writer is told where the hot tier has copies in several regions: nothing where it has one. */
export function replicationEnv(scope: ChartScope): Readonly<Record<string, string>> {
  const clickhouse = scope.policies.cloud[scope.environment]?.clickhouse
  if (scope.context.cluster.kind === 'embedded' || !clickhouse) return {}
  // The replicas that are only behind, too: the engine counts them for the quorum.
  const replicas = members(scope).flatMap(({ region }) => replicaHosts(scope, region))
  return {
    ND_CLICKHOUSE_CLUSTER: groupOf(scope),
    ND_CLICKHOUSE_INSERT_QUORUM: `${clickhouse.insertQuorum}`,
    ND_CLICKHOUSE_REPLICAS: replicas.map((host) => `https://${host}:${replicaPorts.lookup}`).join(','),
  }
}

/** Users of the hot tier and what each may do: only the sink writes. */
const users = ({ context }: ChartScope) => {
  const { sink, analytics } = context.secrets.clickhouse
  return derive([sink, analytics], (sinkPassword, analyticsPassword) =>
    JSON.stringify({
      sink: { password: sinkPassword, access: 'write' },
      analytics: { password: analyticsPassword, access: 'read' },
    }),
  )
}

/** The hot tier's engine behind ClickHouse's HTTP interface, on a developer's machine. */
export class ClickHouse extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'clickhouse', scope)
    new Workload(this, scope, {
      service: 'clickhouse',
      kind: 'stateful',
      replicas: replicas(scope, 'clickhouse'),
      env: { ND_DATA_DIR: '/data', ND_CLICKHOUSE_USERS_FILE: mounted('clickhouse', 'users.json') },
      secrets: { clickhouse: { 'users.json': users(scope) } },
    })
  }
}

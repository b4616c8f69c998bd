import type { ChartScope } from '../context.ts'
import { nodeOf, port } from '../names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export const clickhouseOperator = {
  namespace: 'clickhouse-operator',
  /** Secret with the user and the password by which it speaks to servers. */
  secret: 'clickhouse-operator-access',
} as const

export interface ClickHouseOperatorValues extends Placed {
  readonly operator: { readonly resources: Asked }
  readonly metrics: { readonly enabled: boolean; readonly resources: Asked }
  /** Definitions are changed with the chart. */
  readonly crdHook: { readonly enabled: true }
  /** The chart's own Secret holds a password that everybody knows. */
  readonly secret: { readonly create: false }
  readonly configs: {
    readonly files: {
      readonly 'config.yaml': {
        readonly watch: { readonly namespaces: { readonly include: readonly string[] } }
        readonly clickhouse: {
          readonly access: {
            readonly scheme: 'https'
            readonly port: number
            readonly secret: { readonly namespace: string; readonly name: string }
          }
        }
        readonly reconcile: { readonly runtime: { readonly reconcileCHIsThreadsNumber: number } }
      }
    }
  }
}

/** Who makes the replicas of the hot tier, one after the other. Why this one: docs/decisions/0010. */
export const clickHouseOperator = (scope: ChartScope): Release<ClickHouseOperatorValues> =>
  release(scope, 'clickhouse-operator', {
    namespace: clickhouseOperator.namespace,
    stage: 'operators',
    values: {
      operator: { resources: asks('100m', '256Mi') },
      metrics: { enabled: true, resources: asks('50m', '128Mi') },
      crdHook: { enabled: true },
      secret: { create: false },
      configs: {
        files: {
          'config.yaml': {
            watch: { namespaces: { include: [nodeOf(scope, 'clickhouse').namespace] } },
            clickhouse: {
              access: {
                scheme: 'https',
                port: port(scope, 'clickhouse', 'clickhouse'),
                secret: { namespace: clickhouseOperator.namespace, name: clickhouseOperator.secret },
              },
            },
            reconcile: { runtime: { reconcileCHIsThreadsNumber: 1 } },
          },
        },
      },
      ...onSystem,
    },
  })

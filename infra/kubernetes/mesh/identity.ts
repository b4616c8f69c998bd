import type { ChartScope } from '../context.ts'
import { nodeOf } from '../names.ts'
import { clickhouseOperator } from '../operators/clickhouse-operator.ts'
import { istioNamespace, trustDomain } from '../operators/istio-names.ts'
import { gatewayLabels } from '../workload/managed-network.ts'

/** A gateway of the mesh: its pods and their account are the chart's (operators/istio-gateway.ts), its rules are here. */
export const gatewayOf = (which: 'ingress' | 'eastwest') => ({
  name: `istio-${which}gateway`,
  namespace: istioNamespace,
  labels: gatewayLabels(which),
})

/** Who pods with that service account are, as certificates say it, in every region: an edge holds wherever its caller is. */
export const principalOf = (scope: ChartScope, namespace: string, account: string): string =>
  `${trustDomain(scope)}/ns/${namespace}/sa/${account}`

/** Who a service's pods are. */
export const principal = (scope: ChartScope, service: string): string =>
  principalOf(scope, nodeOf(scope, service).namespace, service)

/** Who the gateway for callers from outside is. */
export function ingressPrincipal(scope: ChartScope): string {
  const { namespace, name } = gatewayOf('ingress')
  return principalOf(scope, namespace, name)
}

/** The account of the controller of the hot tier, which its chart names after itself. */
export const clickhouseOperatorAccount = [
  clickhouseOperator.namespace,
  'clickhouse-operator-altinity-clickhouse-operator',
] as const

/** The full name of a service, the same in every cluster. */
export const hostOf = (scope: ChartScope, service: string): string =>
  `${service}.${nodeOf(scope, service).namespace}.svc.${scope.context.domain}`

import type { ChartScope } from '../context.ts'
import { awsLoadBalancerController } from './aws-load-balancer-controller.ts'
import { awsPrivateCaIssuer } from './aws-privateca-issuer.ts'
import { certManager } from './cert-manager.ts'
import { clickHouseOperator } from './clickhouse-operator.ts'
import { eckOperator } from './eck-operator.ts'
import { externalDns } from './external-dns.ts'
import { dcgmExporter, nvidiaDevicePlugin } from './gpu.ts'
import { istioBase, istioCni } from './istio-base.ts'
import { istioCsr } from './istio-csr.ts'
import { istioGateways } from './istio-gateway.ts'
import { istiod } from './istiod.ts'
import { karpenter } from './karpenter.ts'
import { keda } from './keda.ts'
import { openTelemetryCollector } from './opentelemetry-collector.ts'
import type { Release } from './release.ts'

/** The controllers of others that a region runs; none in an embedded cluster. */
export function releases(scope: ChartScope): Release[] {
  const { cluster } = scope.context
  if (cluster.kind === 'embedded') return []
  return [
    certManager(scope),
    istioBase(scope),
    ...karpenter(scope, cluster),
    keda(scope),
    awsPrivateCaIssuer(scope),
    awsLoadBalancerController(scope, cluster),
    externalDns(scope, cluster),
    istioCni(scope),
    istioCsr(scope),
    istiod(scope),
    ...istioGateways(scope),
    clickHouseOperator(scope),
    eckOperator(scope),
    nvidiaDevicePlugin(scope),
    dcgmExporter(scope),
    openTelemetryCollector(scope),
  ]
}

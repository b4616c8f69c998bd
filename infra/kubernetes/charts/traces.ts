import type { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { tracingHost } from '../mesh/telemetry.ts'
import { collectorService } from '../operators/istio-names.ts'
import { issuedCertificate } from '../workload/certificate.ts'
import { RegionChart } from './region-chart.ts'

/** Who the region's collector of traces is to our programs, which send it what the mesh cannot see. */
export class TraceReceiver extends RegionChart {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'trace-receiver', scope)
    const { name, namespace } = collectorService
    issuedCertificate(this, scope, { name, namespace, dnsNames: [tracingHost(scope)] })
  }
}

/** Where a program's spans go; undefined where the region has no collector of traces. */
export const tracesAddress = (scope: ChartScope): string | undefined =>
  scope.context.cluster.kind === 'managed'
    ? `https://${tracingHost(scope)}:${collectorService.programs}/v1/traces`
    : undefined

/** The same for a workload's environment. */
export function tracesEnv(scope: ChartScope): Readonly<Record<string, string>> {
  const address = tracesAddress(scope)
  return address === undefined ? {} : { ND_TRACES: address }
}

import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { collectorService, istioNamespace, tracingProvider } from '../operators/istio-names.ts'
import { meshObject } from './object.ts'

/** Where proxies send traces. */
export const tracingHost = ({ context }: ChartScope): string =>
  `${collectorService.name}.${collectorService.namespace}.svc.${context.domain}`

/** What all proxies tell: the policy's share of requests as traces, and a line for each that failed. */
export class MeshTelemetry extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'telemetry')
    meshObject(
      this,
      'mesh',
      'Telemetry',
      { name: 'mesh', namespace: istioNamespace },
      {
        tracing: [
          {
            providers: [{ name: tracingProvider }],
            // Hundredths of a percent are the finest that Istio knows.
            randomSamplingPercentage: Math.max(0.01, Math.round(10_000 / scope.policies.tracing.oneIn) / 100),
          },
        ],
        accessLogging: [
          { providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 400 || response.code == 0' } },
        ],
      },
    )
  }
}

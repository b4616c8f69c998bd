import { Construct } from 'constructs'
import type { ChartScope } from '../context.ts'
import { rootNamespace } from './identity.ts'
import { meshObject } from './object.ts'

/** Name of the collector of traces among the mesh's providers (see settings.ts). */
export const tracingProvider = 'traces'

/** Where proxies send traces: OpenTelemetry's protocol over gRPC. */
export const tracingPort = 4317
export const tracingNamespace = 'telemetry'
export const tracingHost = ({ context }: ChartScope): string =>
  `opentelemetry-collector.${tracingNamespace}.svc.${context.domain}`

/** What all proxies tell: the policy's share of requests as traces, and a line for each that failed. */
export class MeshTelemetry extends Construct {
  constructor(parent: Construct, scope: ChartScope) {
    super(parent, 'telemetry')
    meshObject(
      this,
      'mesh',
      'Telemetry',
      { name: 'mesh', namespace: rootNamespace },
      {
        tracing: [
          {
            providers: [{ name: tracingProvider }],
            // Hundredths of a percent are the finest that Istio knows.
            randomSamplingPercentage: Math.round(scope.policies.traffic.traceSampling * 10_000) / 100,
          },
        ],
        accessLogging: [
          {
            providers: [{ name: 'envoy' }],
            filter: { expression: 'response.code >= 400 || response.code == 0' },
          },
        ],
      },
    )
  }
}

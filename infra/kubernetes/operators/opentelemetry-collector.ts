import type { ChartScope } from '../context.ts'
import { collectorService } from './istio-names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface OpenTelemetryCollectorValues extends Placed {
  readonly mode: 'deployment'
  readonly fullnameOverride: string
  readonly replicaCount: number
  readonly image: { readonly repository: string }
  readonly serviceAccount: { readonly create: true; readonly name: string }
  readonly resources: Asked
  readonly podDisruptionBudget: { readonly enabled: true; readonly maxUnavailable: 1 }
  readonly config: {
    readonly exporters: { readonly awsxray: { readonly region: string; readonly index_all_attributes: false } }
    readonly service: {
      readonly pipelines: {
        readonly traces: {
          readonly receivers: readonly ['otlp']
          readonly processors: readonly ['memory_limiter', 'batch']
          readonly exporters: readonly ['awsxray']
        }
      }
    }
  }
}

/** Where proxies send their spans; it sends them on to AWS X-Ray by a role of its own. */
export const openTelemetryCollector = (scope: ChartScope): Release<OpenTelemetryCollectorValues> =>
  release(scope, 'opentelemetry-collector', {
    namespace: collectorService.namespace,
    stage: 'operators',
    values: {
      mode: 'deployment',
      fullnameOverride: collectorService.name,
      replicaCount: 2,
      image: { repository: 'otel/opentelemetry-collector-contrib' },
      serviceAccount: { create: true, name: collectorService.name },
      resources: asks('200m', '512Mi'),
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
      config: {
        exporters: { awsxray: { region: scope.context.region, index_all_attributes: false } },
        service: {
          pipelines: {
            traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['awsxray'] },
          },
        },
      },
      ...onSystem,
    },
  })

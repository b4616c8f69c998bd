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
  readonly extraVolumes: readonly { readonly name: string; readonly secret: { readonly secretName: string } }[]
  readonly extraVolumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly: true }[]
  readonly podDisruptionBudget: { readonly enabled: true; readonly maxUnavailable: 1 }
  readonly config: {
    readonly receivers: { readonly otlp: { readonly protocols: { readonly http: { readonly tls: ServerTls } } } }
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

/** In the words of the collector's configtls. */
interface ServerTls {
  readonly cert_file: string
  readonly key_file: string
  /** Callers must show a certificate of it. */
  readonly client_ca_file: string
  readonly reload_interval: '1m'
}

const tls = { name: 'tls', path: '/etc/neurodefender/tls' } as const

/** Where proxies and programs send their spans, these over mutual TLS of the region; it sends them on to AWS X-Ray by a role of its own. */
export const openTelemetryCollector = (scope: ChartScope): Release<OpenTelemetryCollectorValues> =>
  release(scope, 'opentelemetry-collector', {
    namespace: collectorService.namespace,
    stage: 'certified',
    values: {
      mode: 'deployment',
      fullnameOverride: collectorService.name,
      replicaCount: 2,
      image: { repository: 'otel/opentelemetry-collector-contrib' },
      serviceAccount: { create: true, name: collectorService.name },
      resources: asks('200m', '512Mi'),
      extraVolumes: [{ name: tls.name, secret: { secretName: `${collectorService.name}-tls` } }],
      extraVolumeMounts: [{ name: tls.name, mountPath: tls.path, readOnly: true }],
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
      config: {
        receivers: {
          otlp: {
            protocols: {
              http: {
                tls: {
                  cert_file: `${tls.path}/tls.crt`,
                  key_file: `${tls.path}/tls.key`,
                  client_ca_file: `${tls.path}/ca.crt`,
                  reload_interval: '1m',
                },
              },
            },
          },
        },
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

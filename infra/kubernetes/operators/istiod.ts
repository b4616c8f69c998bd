import type { Size } from '../../../policies/model/service.ts'
import type { ChartScope } from '../context.ts'
import { serviceSettings } from '../mesh/between-regions.ts'
import {
  collectorService,
  identityService,
  istioNamespace,
  meshId,
  meshNetwork,
  tracingProvider,
  trustDomain,
} from './istio-names.ts'
import { type Asked, asks, onSystem, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export interface IstiodValues extends Placed {
  readonly autoscaleMin: number
  readonly autoscaleMax: number
  readonly resources: Asked
  readonly env: Readonly<Record<string, string>>
  /** Traffic is redirected by the agent of the machine: no pod needs a right for it. */
  readonly cni: { readonly enabled: true }
  readonly global: {
    readonly meshID: string
    readonly network: string
    readonly multiCluster: { readonly clusterName: string }
    readonly caAddress: string
    readonly logAsJson: true
    readonly proxy: { readonly resources: Asked }
  }
  readonly meshConfig: {
    readonly trustDomain: string
    readonly accessLogFile: string
    readonly accessLogEncoding: 'JSON'
    readonly enableTracing: true
    /** Services that are one in each region and not one in all. */
    readonly serviceSettings: ReturnType<typeof serviceSettings>
    /** What nobody described is not reached. */
    readonly outboundTrafficPolicy: { readonly mode: 'REGISTRY_ONLY' }
    readonly extensionProviders: readonly {
      readonly name: string
      readonly opentelemetry: { readonly service: string; readonly port: number }
    }[]
    readonly defaultConfig: {
      readonly holdApplicationUntilProxyStarts: true
      readonly proxyMetadata: Readonly<Record<string, string>>
    }
  }
}

const sidecar = ({ cpu, memory }: Size): Asked => asks(cpu, memory)

/**
 * The mesh's control plane of this region: a primary beside the others', in a network of its own. What leaves the mesh is written down
 * (mesh/external.ts); other regions' replicas are reached past the proxies, by ports of their own.
 */
export const istiod = (scope: ChartScope): Release<IstiodValues> =>
  release(scope, 'istiod', {
    namespace: istioNamespace,
    stage: 'mesh',
    values: {
      autoscaleMin: 2,
      autoscaleMax: 5,
      resources: asks('500m', '2Gi'),
      env: { ENABLE_CA_SERVER: 'false' },
      cni: { enabled: true },
      global: {
        meshID: meshId(scope),
        network: meshNetwork(scope),
        multiCluster: { clusterName: meshNetwork(scope) },
        caAddress: `${identityService.name}.${identityService.namespace}.svc:${identityService.port}`,
        logAsJson: true,
        proxy: { resources: sidecar(scope.policies.operators.sidecar) },
      },
      meshConfig: {
        trustDomain: trustDomain(scope),
        accessLogFile: '/dev/stdout',
        accessLogEncoding: 'JSON',
        enableTracing: true,
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
        serviceSettings: serviceSettings(scope),
        extensionProviders: [
          {
            name: tracingProvider,
            opentelemetry: {
              service: `${collectorService.name}.${collectorService.namespace}.svc.${scope.context.domain}`,
              port: collectorService.port,
            },
          },
        ],
        defaultConfig: {
          holdApplicationUntilProxyStarts: true,
          proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' },
        },
      },
      ...onSystem,
    },
  })

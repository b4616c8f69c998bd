import type { ChartScope } from '../context.ts'
import { gpuMetrics } from '../workload/managed-network.ts'
import { poolLabel } from '../workload/placement.ts'
import { type Asked, asks, onGpu, type Placed } from './pods.ts'
import { type Release, release } from './release.ts'

export const gpuNamespace = gpuMetrics.namespace

export interface NvidiaDevicePluginValues extends Placed {
  /** Takes the place of the chart's rule, which wants another operator's labels. */
  readonly affinity: {
    readonly nodeAffinity: {
      readonly requiredDuringSchedulingIgnoredDuringExecution: {
        readonly nodeSelectorTerms: readonly {
          readonly matchExpressions: readonly {
            readonly key: string
            readonly operator: 'In'
            readonly values: readonly string[]
          }[]
        }[]
      }
    }
  }
  readonly resources: Asked
  readonly gfd: { readonly enabled: false }
}

/** What tells Kubernetes of a machine's GPUs; the driver is in the machine's image. */
export const nvidiaDevicePlugin = (scope: ChartScope): Release<NvidiaDevicePluginValues> =>
  release(scope, 'nvidia-device-plugin', {
    namespace: gpuNamespace,
    stage: 'operators',
    values: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: poolLabel, operator: 'In', values: ['gpu'] }] }],
          },
        },
      },
      resources: asks('20m', '128Mi'),
      gfd: { enabled: false },
      ...onGpu,
    },
  })

export interface DcgmExporterValues extends Placed {
  readonly resources: Asked
  readonly serviceMonitor: { readonly enabled: false }
}

/** What measures GPUs: how busy they are, how hot, how full. */
export const dcgmExporter = (scope: ChartScope): Release<DcgmExporterValues> =>
  release(scope, 'dcgm-exporter', {
    namespace: gpuNamespace,
    stage: 'operators',
    values: { resources: asks('50m', '512Mi'), serviceMonitor: { enabled: false }, ...onGpu },
  })

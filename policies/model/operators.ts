import type { Size } from './service.ts'
import type { Duration } from './units.ts'

/** One chart of Helm, exactly. */
export interface ChartPin {
  /** Where the chart lies: an address of a Helm repository, or `oci://…` with the chart's own path in it. */
  readonly repository: string
  readonly chart: string
  readonly version: string
  /** What the chart brings: the version of the program, for people and for its own documentation. */
  readonly app: string
}

/** The controllers of others that a cluster in the cloud runs. */
export type OperatorName =
  | 'aws-load-balancer-controller'
  | 'aws-privateca-issuer'
  | 'cert-manager'
  | 'clickhouse-operator'
  | 'dcgm-exporter'
  | 'eck-operator'
  | 'external-dns'
  | 'istio-base'
  | 'istio-cni'
  | 'istio-csr'
  | 'istio-gateway'
  | 'istiod'
  | 'karpenter'
  | 'karpenter-crd'
  | 'keda'
  | 'nvidia-device-plugin'
  | 'opentelemetry-collector'

export interface OperatorsPolicy {
  readonly charts: Readonly<Record<OperatorName, ChartPin>>
  /** The machine image that Karpenter starts, one release of Amazon Linux 2023. */
  readonly machineImage: `al2023@v${number}`
  /** What the mesh's own container takes in every pod that is part of it. */
  readonly sidecar: Size
  /** How long a workload's certificate lives, and how long before its end a new one is there. */
  readonly certificates: { readonly duration: Duration; readonly renewBefore: Duration }
}

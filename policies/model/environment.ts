import type { Size } from './service.ts'
import type { Bytes, Cpu, Rate } from './units.ts'

/** A rule of the platform that an environment can demand. Rules that do not bind are reported as advice. */
export type Rule = 'high-availability' | 'autoscaling-within-quota'

/** How bad it is when a rule of the policy pack is broken. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'

export interface EnvironmentPolicy<Service extends string = string> {
  readonly regions: readonly string[]
  /** What each service's pod asks for. */
  readonly sizes: Readonly<Record<Service, Size>>
  /** How often each stateful service keeps its data. `minInSync` acknowledges a write. */
  readonly kafka: { readonly replicas: number; readonly minInSync: number; readonly partitions: number }
  readonly clickhouse: { readonly replicas: number }
  readonly redis: { readonly replicas: number }
  /** The name server that the region runs itself. Default: none, the cluster brings its own. */
  readonly dns?: Size
  /** The mesh that the region runs itself, in the profile `full`. Default: none, the environment's own is managed. */
  readonly mesh?: {
    readonly control: Size
    readonly gateway: Size
    /** Pods of the gateway: with two, one may go. */
    readonly gateways: number
    /** Where the node answers for the gateway. */
    readonly nodePort: number
  }
  /** Services whose pods take a core only while nobody else wants it. For regions on one machine; default: none. */
  readonly yields?: readonly Service[]
  /** The most that all pods of the platform may ask for in one region. */
  readonly quota: { readonly cpu: Cpu; readonly memory: Bytes }
  /** A tenant's default share, unless its registry entry says otherwise. */
  readonly tenantQuota: { readonly events: Rate; readonly burst: number }
  /** Whether senders may speak in the clear, known by the network they send from. */
  readonly clearInlets: boolean
  /** Pods of the autoscaler that the region runs itself, in the profile `full`. Default: none, the environment's own is managed. */
  readonly keda?: { readonly operator: Size; readonly adapter: Size }
  /** Who changes replica counts: nobody, or KEDA; on a developer's machine KEDA is in the profile `full` alone. */
  readonly autoscaler: 'none' | 'keda'
  readonly binding: readonly Rule[]
  /** The policy pack: a broken rule stops from this severity on. `manifest`: only rules about objects of Kubernetes are asked. */
  readonly guardrails: { readonly stops: Severity; readonly judges: 'manifest' | 'program' }
}

import type { Bytes, Cpu } from './units.ts'

/** Where pods may run and whom they push away, as a pod's specification writes it. */
export interface Placement {
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly {
    readonly key: string
    readonly operator: string
    readonly value: string
    readonly effect: string
  }[]
  readonly priorityClassName?: string
}

/**
 * What the operator of MLInference is told of its region: the stack writes it as JSON, the operator makes objects after it. All else it knows
 * from the resource and from the policies.
 */
export interface InferenceRegion {
  /** Reference of the runtime's image, by digest. */
  readonly image: string
  /** Labels of every object of the region. */
  readonly labels: Readonly<Record<string, string>>
  /** Of the cluster's names. */
  readonly domain: string
  /** The Secret with the pods' certificate. */
  readonly certificate: string
  readonly account: string
  /** The most that one pod gets, whatever a resource asks for. Default: no bound. */
  readonly largest?: { readonly cpu: Cpu; readonly memory: Bytes }
  /** What a pod gets that says nothing. */
  readonly size: { readonly cpu: Cpu; readonly memory: Bytes }
  readonly placement: {
    readonly general: Placement
    /** Machines with a GPU, and how a pod asks for one. Default: the region has none. */
    readonly gpu?: Placement & { readonly resource: string }
  }
  /** Whether a pod that would make zones uneven has to wait. */
  readonly zonesBind: boolean
  readonly mesh: {
    /** Proxies that take the routes: 'mesh', or namespace/name of a gateway. */
    readonly gateways: readonly string[]
    /** `mutual`: every pod has a proxy that has TLS with the others. `simple`: the gateway's proxy speaks to the pods' own TLS. */
    readonly tls: 'mutual' | 'simple'
    /** Where `tls` is simple: the Secret beside the gateway with the authority that it trusts, and who the pods are. */
    readonly trust?: { readonly secret: string; readonly name: string }
    /** The resource (namespace/name) that also answers callers at the gateway who name no host of ours. Default: none. */
    readonly anyHost?: string
  }
  /** Where the pods' spans go. Default: nowhere. */
  readonly traces?: string
  /** Who scales. Default: nobody. */
  readonly autoscaler?: { readonly prometheus: string }
}

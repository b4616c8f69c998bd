import type { Duration } from './units.ts'

/** What holds for callers of one service, whatever proxies see of it. */
interface ConnectionPolicy {
  /** Calls beyond these are refused at once: a queue in the caller helps nobody. */
  readonly connections: { readonly most: number; readonly pending: number }
  /** A pod with so many errors in a row gets no calls for a while. */
  readonly outlier: {
    readonly errors: number
    readonly interval: Duration
    readonly ejection: Duration
    /** At most this share of the pods is ejected at once. */
    readonly mostEjected: number
  }
}

/** Proxies see the requests: they can end one, or send it again. */
export interface RequestPolicy extends ConnectionPolicy {
  readonly protocol: 'http'
  /** For the whole call, retries included. */
  readonly timeout: Duration
  /** How often it is tried in all, twice or more. Default: once. */
  readonly retries?: { readonly attempts: number; readonly perTry: Duration }
}

/** Proxies see TLS of the service's own, and nothing in it: how long a call may take is its caller's to say. */
export interface OpaquePolicy extends ConnectionPolicy {
  readonly protocol: 'tls'
}

/** How callers of one service behave when it is slow or fails. */
export type CallPolicy = RequestPolicy | OpaquePolicy

export interface TrafficPolicy {
  /** By service; of a service that is not here the mesh says only who may call it. */
  readonly calls: Readonly<Record<string, CallPolicy>>
  /** How a new version begins. The canary controller owns the weights from then on. */
  readonly canary: { readonly service: string; readonly stableWeight: number; readonly canaryWeight: number }
  /** The share of requests that leave a trace. */
  readonly traceSampling: number
}

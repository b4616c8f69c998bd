import type { Duration } from './units.ts'

/** How callers of one service behave when it is slow or fails. */
export interface CallPolicy {
  /** For the whole call, retries included. */
  readonly timeout: Duration
  readonly retries: { readonly attempts: number; readonly perTry: Duration }
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

export interface TrafficPolicy {
  /** By service; a service that is not here is not reached through HTTP of the mesh. */
  readonly calls: Readonly<Record<string, CallPolicy>>
  /** How a new version begins. The canary controller owns the weights from then on. */
  readonly canary: { readonly service: string; readonly stableWeight: number; readonly canaryWeight: number }
  /** The share of requests that leave a trace. */
  readonly traceSampling: number
}

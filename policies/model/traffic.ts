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

/** How a new version takes over: with which shares, judged how. What an object says of its own canary stands above this. */
export interface CanaryPolicy {
  readonly service: string
  /** How it begins, per cent. The canary controller owns the weights from then on. */
  readonly stableWeight: number
  readonly canaryWeight: number
  /** The shares of the canary after that, per cent: they grow, and the last is 100. */
  readonly further: readonly number[]
  /** How long each share stands at least. */
  readonly interval: Duration
  /** A candidate that has not taken over by then goes. */
  readonly deadline: Duration
  /** Between the last call and the end of its pods. */
  readonly drain: Duration
  /** So many pods a subset has at least that gets calls: one may go at any time. */
  readonly minPods: number
  readonly judged: {
    /** No share grows before each subset has answered so many. */
    readonly minRequests: number
    /** By how much the share of failed requests may be above that of the stable subset. */
    readonly maxErrorIncrease: number
    /** By which share requests may take longer than those of the stable subset. */
    readonly maxLatencyIncrease: number
    /** So much of all requests may take longer than that all the same. */
    readonly slowShare: number
    /** The chance that a sound candidate is sent away, or a bad one takes over, is below 1 less this, in a whole walk. */
    readonly confidence: number
  }
}

export interface TrafficPolicy {
  /** By service; of a service that is not here the mesh says only who may call it. */
  readonly calls: Readonly<Record<string, CallPolicy>>
  readonly canary: CanaryPolicy
}

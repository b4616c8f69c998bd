/** What is said of calls, by a policy or by a resource, which writes durations as they come: see CallPolicy. */
interface Tries {
  readonly attempts: number
  readonly perTry: string
}
interface Called {
  readonly connections: { readonly most: number; readonly pending: number }
  readonly outlier: {
    readonly errors: number
    readonly interval: string
    readonly ejection: string
    readonly mostEjected: number
  }
}

/** How often a call is tried again, in Istio's words. Without attempts nothing else may be said. */
export type Retries =
  | { readonly attempts: 0 }
  | { readonly attempts: number; readonly perTryTimeout: string; readonly retryOn: string }

/** When it is certain that no pod has begun a call: so a POST is as safe as a GET, and no service has to trust that another one is idempotent. */
const unbegun = 'connect-failure,refused-stream,reset-before-request'

/** Also when the pod went away in the middle, or had no room for it: right where a call changes nothing. */
const harmless = 'connect-failure,refused-stream,reset,unavailable,503'

/**
 * A policy counts tries, Istio counts the tries after the first, each at another pod. Without any it must be told so: its own default is two.
 * `pure`: a call changes nothing, as a prediction does, so it may be sent again whatever became of it.
 */
export const retries = (tries: Tries | undefined, { pure }: { readonly pure: boolean }): Retries =>
  tries
    ? { attempts: tries.attempts - 1, perTryTimeout: tries.perTry, retryOn: pure ? harmless : unbegun }
    : { attempts: 0 }

/** Which pods of a service get calls, and how many at once: the parts of a DestinationRule that a policy decides. */
export const podsCalled = ({ connections, outlier }: Called) => ({
  connectionPool: {
    tcp: { maxConnections: connections.most, connectTimeout: '1s' },
    // Where proxies see no requests, the first of these is for connections that wait.
    http: { http1MaxPendingRequests: connections.pending, http2MaxRequests: connections.most },
  },
  outlierDetection: {
    // Answers from 500 on; where proxies see no requests, connections that fail.
    consecutive5xxErrors: outlier.errors,
    interval: outlier.interval,
    baseEjectionTime: outlier.ejection,
    maxEjectionPercent: Math.round(outlier.mostEjected * 100),
    // Otherwise many sick pods are called as if they were well, instead of the healthy ones of the next zone or region.
    minHealthPercent: 0,
  },
})

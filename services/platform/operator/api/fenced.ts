import type { Api } from './client.ts'
import type { Fence } from './lease.ts'

/** The same API server, where nothing is written outside of a leader's term. Throws NotLeaderError then. */
export function fenced(api: Api, fence: Fence): Api {
  const write = <T>(signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    fence.check()
    return call(signal ? AbortSignal.any([signal, fence.signal]) : fence.signal)
  }
  return {
    get: (ref, signal) => api.get(ref, signal),
    list: (kind, namespace, query, signal) => api.list(kind, namespace, query, signal),
    watch: (kind, namespace, query, options) => api.watch(kind, namespace, query, options),
    serves: (kind, signal) => api.serves(kind, signal),
    apply: async (object, options, signal) => write(signal, (both) => api.apply(object, options, both)),
    create: async (object, signal) => write(signal, (both) => api.create(object, both)),
    replace: async (object, signal) => write(signal, (both) => api.replace(object, both)),
    patch: async (ref, patch, options, signal) => write(signal, (both) => api.patch(ref, patch, options, both)),
    delete: async (ref, options, signal) => write(signal, (both) => api.delete(ref, options, both)),
  }
}

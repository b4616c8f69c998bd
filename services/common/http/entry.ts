import { readyPath } from '../../../policies/model/service.ts'
import type { EntryConfig } from '../config/process.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { Log } from '../log/log.ts'
import type { TlsFiles } from '../tls/material.ts'
import { type HttpMetrics, HttpServer, type Routes, type ServerOptions } from './server.ts'

export interface EntryOptions extends Pick<ServerOptions, 'find' | 'errorBody' | 'logRetries'> {
  readonly entry: EntryConfig
  /** Of no use behind a proxy, which has TLS. */
  readonly tls: TlsFiles
  readonly lifecycle: Pick<Lifecycle, 'readiness'>
  readonly routes: Routes
  readonly log: Log
  readonly metrics: HttpMetrics
}

/**
 * The port for callers from outside: the service's routes and `readyPath`, which everybody may ask and which gives no reasons. Who a caller is,
 * its token says; headers that a gateway adds (x-forwarded-…) can be anybody's.
 */
export function entryServer({ entry, tls, lifecycle, routes, ...server }: EntryOptions): HttpServer {
  return new HttpServer({
    ...server,
    listener: entry.kind === 'tls' ? { ...entry, tls } : entry,
    routes: {
      ...routes,
      [`GET ${readyPath}` as const]: () => {
        const { ready } = lifecycle.readiness()
        return { status: ready ? 200 : 503, body: { ready } }
      },
    },
  })
}

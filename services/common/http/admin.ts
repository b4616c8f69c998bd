import { readyPath } from '../../../policies/model/service.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { TlsFiles } from '../tls/material.ts'
import { HttpError } from './errors.ts'
import { type Exchange, HttpServer, hasClientCertificate, type Routes } from './server.ts'

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles
  readonly log: Log
  readonly lifecycle: Lifecycle
  readonly metrics: Metrics
  /** What a service answers beside these; it may grow while the server listens. Default: nothing. */
  readonly routes?: Routes
}

/**
 * The port for the platform itself: /healthz (alive), /readyz (route work here), /metrics (for callers with a certificate of
 * the region's authority; the kubelet's probes have none and need none).
 */
export function adminServer(options: AdminOptions): HttpServer {
  const { lifecycle, metrics, log, routes = {}, ...listener } = options
  return new HttpServer({
    listener: { kind: 'tls', ...listener, requestCert: true },
    log,
    routes: Object.assign(routes, {
      'GET /healthz': () => ({ status: lifecycle.phase === 'stopped' ? 503 : 200, body: { phase: lifecycle.phase } }),
      [`GET ${readyPath}` as const]: () => {
        const { ready, reasons } = lifecycle.readiness()
        return { status: ready ? 200 : 503, body: { ready, reasons } }
      },
      'GET /metrics': async (exchange: Exchange) => {
        forThisRegion(exchange, 'Metrics')
        return {
          status: 200,
          headers: { 'content-type': metrics.registry.contentType },
          body: await metrics.text(),
        }
      },
    } satisfies Routes),
  })
}

/** Refuses a caller without a certificate of the region's authority. `what`: 'Metrics', as in a sentence. */
export function forThisRegion({ request }: Exchange, what: string): void {
  if (!hasClientCertificate(request))
    throw new HttpError(401, 'NO_CERTIFICATE', `${what} are for callers with a certificate of this region.`)
}

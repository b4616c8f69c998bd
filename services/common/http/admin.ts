import { readyPath } from '../../../policies/model/service.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { TlsFiles } from '../tls/material.ts'
import { HttpError } from './errors.ts'
import { HttpServer, hasClientCertificate } from './server.ts'

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly tls: TlsFiles
  readonly log: Log
  readonly lifecycle: Lifecycle
  readonly metrics: Metrics
}

/**
 * The port for the platform itself: /healthz (alive), /readyz (route work here), /metrics (for callers with a certificate of
 * the region's authority; the kubelet's probes have none and need none).
 */
export function adminServer(options: AdminOptions): HttpServer {
  const { lifecycle, metrics, log, ...listener } = options
  return new HttpServer({
    listener: { kind: 'tls', ...listener, requestCert: true },
    log,
    routes: {
      'GET /healthz': () => ({ status: lifecycle.phase === 'stopped' ? 503 : 200, body: { phase: lifecycle.phase } }),
      [`GET ${readyPath}` as const]: () => {
        const { ready, reasons } = lifecycle.readiness()
        return { status: ready ? 200 : 503, body: { ready, reasons } }
      },
      'GET /metrics': async ({ request }) => {
        if (!hasClientCertificate(request))
          throw new HttpError(401, 'NO_CERTIFICATE', 'Metrics are for callers with a certificate of this region.')
        return {
          status: 200,
          headers: { 'content-type': metrics.registry.contentType },
          body: await metrics.text(),
        }
      },
    },
  })
}

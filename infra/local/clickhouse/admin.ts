import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Engine } from './engine.ts'
import type { TlsMaterial } from './server.ts'

/** What the server tells Prometheus. */
export class ServerMetrics {
  readonly registry = new Registry()
  readonly #requests: Counter<'kind' | 'status'>
  readonly #duration: Histogram<'kind'>

  constructor(engine: Engine) {
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    this.#requests = new Counter({
      name: 'nd_clickhouse_statements_total',
      help: 'Statements answered, by kind and HTTP status.',
      labelNames: ['kind', 'status'],
      registers,
    })
    this.#duration = new Histogram({
      name: 'nd_clickhouse_statement_duration_seconds',
      help: 'From the request to the answer, waiting included.',
      labelNames: ['kind'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    new Gauge({
      name: 'nd_queue_depth',
      help: 'Statements that run or wait.',
      registers,
      collect() {
        this.set(engine.running + engine.waiting)
      },
    })
  }

  observe(kind: 'insert' | 'read' | 'other', status: number, seconds: number): void {
    this.#requests.inc({ kind, status: String(status) })
    this.#duration.observe({ kind }, seconds)
  }
}

/** /healthz and /readyz for the kubelet, /metrics for callers with a certificate of the region's authority. */
export function adminServer(
  tls: TlsMaterial & { readonly ca: Buffer },
  metrics: ServerMetrics,
  ready: () => boolean,
): Server {
  return createServer(
    { ...tls, minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      if (request.url === '/healthz') return void response.end('alive\n')
      if (request.url === '/readyz')
        return void response.writeHead(ready() ? 200 : 503).end(ready() ? 'ready\n' : 'not ready\n')
      if (request.url !== '/metrics') return void response.writeHead(404).end()
      if (!(request.socket as TLSSocket).authorized)
        return void response.writeHead(401).end('Metrics are for callers with a certificate of this region.\n')
      void metrics.registry
        .metrics()
        .then((text) => response.setHeader('Content-Type', metrics.registry.contentType).end(text))
    },
  )
}

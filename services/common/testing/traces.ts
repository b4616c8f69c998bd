import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsMaterial } from '../tls/material.ts'
import type { Span } from '../tracing/span.ts'
import { Tracer } from '../tracing/tracer.ts'

/** A tracer that chooses everything, and what it was told. */
export function recordingTracer(): { readonly tracer: Tracer; readonly spans: Span[] } {
  const spans: Span[] = []
  const tracer = new Tracer({ oneIn: 1, perSecond: 1e9, burst: 1e9, export: (span) => spans.push(span) })
  return { tracer, spans }
}

/** Each span as `parent > name`; the first of a trace that began elsewhere has the name `elsewhere` before it. */
export const parentage = (spans: readonly Span[]): string[] =>
  spans.map(({ name, parent }) => {
    const above = spans.find(({ context }) => context.spanId === parent)
    return `${parent === undefined ? '' : `${above?.name ?? 'elsewhere'} > `}${name}`
  })

/** A span as OTLP carries it, with its process. */
export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number }
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

/** Takes OTLP over mutual TLS, as a collector of traces does. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = []
  /** Everything that came, to look for what must not be in it. */
  text = ''
  readonly #server: Server

  constructor({ cert, key, ca }: TlsMaterial) {
    this.#server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      let body = ''
      request.setEncoding('utf8')
      request.on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        this.text += body
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
          const named = resource.attributes.find(({ key }: { key: string }) => key === 'service.name')
          for (const { spans } of scopeSpans)
            for (const span of spans) this.spans.push({ ...span, service: named.value.stringValue })
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    })
  }

  /** Resolves with the address that spans are sent to. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

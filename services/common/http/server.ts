import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Counter, Histogram } from 'prom-client'
import type { Log } from '../log/log.ts'
import { latencyBuckets, type Metrics } from '../metrics/metrics.ts'
import { HttpError } from './errors.ts'
import { createListener, hostOf, type Listener } from './listener.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** Fires when the caller hangs up before the answer is sent. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text or bytes as they are, anything else as JSON. */
  readonly body?: unknown
}

/** `METHOD /path`, exact. Paths are the bounded set that metrics are labelled with. */
export type Routes = Readonly<Record<`${'GET' | 'POST'} /${string}`, (exchange: Exchange) => Answer | Promise<Answer>>>

/** What answers a request, and the name of its route in metrics, of a bounded set. */
export interface Found {
  readonly route: string
  readonly handler: (exchange: Exchange) => Answer | Promise<Answer>
}

export interface ServerOptions {
  readonly listener: Listener
  readonly routes: Routes
  /** Paths with names in them, which `routes` cannot list: asked before those. May throw HttpError. Default: none. */
  readonly find?: (method: string, path: string) => Found | undefined
  /** Whether refusals that ask to come again later are logged, each: under overload they are as many as requests. Default: true. */
  readonly logRetries?: boolean
  /** The JSON of an error. Default: `{"error": code, "message": sentence}`. */
  readonly errorBody?: (error: HttpError) => unknown
  readonly log: Log
  /** A whole request, headers and body, milliseconds. Default: 30 s. */
  readonly requestTimeoutMs?: number
  readonly metrics?: HttpMetrics
}

export interface HttpMetrics {
  readonly requests: Counter<'route' | 'method' | 'status'>
  readonly duration: Histogram<'route'>
}

/** nd_http_requests_total and nd_http_request_duration_seconds, with the objective as a bucket. */
export function httpMetrics(metrics: Metrics, objectiveSeconds: number): HttpMetrics {
  return {
    requests: metrics.counter('nd_http_requests_total', 'Answered requests.', ['route', 'method', 'status']),
    duration: metrics.histogram(
      'nd_http_request_duration_seconds',
      "From the request's headers to the end of its answer.",
      latencyBuckets(objectiveSeconds),
      ['route'],
    ),
  }
}

/** How long an answered sender may go on sending a body that nobody reads: closing at once would lose it the answer. */
const lingerMs = 10_000

/** An HTTP server, with TLS or behind a proxy that has it: routes, JSON errors, timeouts, and a stop that lets requests finish. */
export class HttpServer {
  readonly #server: ReturnType<typeof createListener>
  readonly #options: ServerOptions
  /** Answers that are written but for their end. */
  readonly #answered = new WeakSet<ServerResponse>()
  #stopping = false

  constructor(options: ServerOptions) {
    this.#options = options
    for (const known of Object.keys(options.routes)) {
      const [method = '', route = ''] = known.split(' ')
      // Nobody asked yet is none, not unknown: an autoscaler holds the pods while a metric is missing.
      options.metrics?.requests.inc({ route, method, status: 200 }, 0)
    }
    this.#server = createListener(options.listener, options.requestTimeoutMs ?? 30_000)
    this.#server.on('request', (request, response) => void this.#serve(request, response))
    // The handler decides whether to send '100 Continue': refusing from the headers saves the sender its body.
    this.#server.on('checkContinue', (request, response) => void this.#serve(request, response, true))
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
      const [status, code] =
        error.code === 'HPE_HEADER_OVERFLOW'
          ? ['431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE']
          : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
            ? ['408 Request Timeout', 'REQUEST_TIMEOUT']
            : ['400 Bad Request', 'BAD_REQUEST']
      const body = JSON.stringify({
        error: code,
        message: 'The request could not be read as HTTP/1.1 in time and size.',
      })
      socket.end(
        `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    })
  }

  /** Resolves with the port. Rejects when it is taken, with a sentence. */
  listen(): Promise<number> {
    const { listener } = this.#options
    const [host, port] = [hostOf(listener), listener.port]
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(
          new Error(
            cause.code === 'EADDRINUSE'
              ? `Port ${port} on ${host} is in use. Stop what listens there or set another port.`
              : `Cannot listen on ${host}:${port}: ${cause.message}`,
            { cause },
          ),
        ),
      )
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /** No new connections; open requests finish and their connections close. What is left after `graceMs` is cut. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse, expectsContinue = false): Promise<void> {
    const start = performance.now()
    const url = URL.parse(request.url ?? '/', 'https://host') ?? new URL('https://host/')
    const method = request.method ?? 'GET'
    const { routes, find, metrics } = this.#options
    let found: Found | undefined
    const known = () => Object.keys(routes).some((route) => route.endsWith(` ${url.pathname}`))
    const abort = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) abort.abort(new Error('The caller hung up.'))
      if (!metrics) return
      const route = found?.route ?? (known() ? url.pathname : 'other')
      const bounded = method === 'GET' || method === 'POST' ? method : 'other'
      const told = response.writableFinished || this.#answered.has(response)
      metrics.requests.inc({ route, method: bounded, status: told ? response.statusCode : 499 })
      metrics.duration.observe({ route }, (performance.now() - start) / 1_000)
    })
    request.on('error', () => {})
    let answer: Answer
    try {
      found = find?.(method, url.pathname)
      const handler = found?.handler ?? routes[`${method} ${url.pathname}` as keyof Routes]
      if (!handler) throw unknownRoute(routes, url.pathname, known())
      if (expectsContinue) continueOnRead(request, response)
      answer = await handler({ request, response, url, signal: abort.signal })
    } catch (error) {
      answer = failure(error, this.#options)
    }
    if (response.destroyed) return
    this.#send(request, response, answer)
  }

  #send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    const { status, headers, body } = answer
    const asIs = typeof body === 'string' || Buffer.isBuffer(body)
    const text = asIs ? body : body === undefined ? '' : `${JSON.stringify(body)}\n`
    const unread = !request.readableEnded
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...headers,
      ...(this.#stopping || (unread && hasBody) ? { connection: 'close' } : {}),
    })
    if (unread && hasBody) this.#linger(request, response, text)
    else response.end(text)
  }

  /**
   * Answers a sender that is still sending. Node closes the socket with the end of such an answer, and the reset that follows can overtake
   * the answer: so all of it is written, the rest of the body is thrown away unread, and the end comes when that is over or takes too long.
   */
  #linger(request: IncomingMessage, response: ServerResponse, text: string | Buffer): void {
    response.flushHeaders()
    if (text.length > 0) response.write(text)
    this.#answered.add(response)
    const timer = setTimeout(() => request.socket.destroy(), lingerMs)
    response.once('close', () => clearTimeout(timer))
    request.once('end', () => response.end())
    request.resume()
  }
}

function continueOnRead(request: IncomingMessage, response: ServerResponse): void {
  request.once('newListener', function onListener(this: IncomingMessage, event: string) {
    if (event === 'data' && !response.headersSent) response.writeContinue()
    else if (event !== 'data') this.once('newListener', onListener)
  })
}

function unknownRoute(routes: Routes, path: string, known: boolean): HttpError {
  const all = Object.keys(routes)
  if (!known) return new HttpError(404, 'NOT_FOUND', `There is nothing here. This service answers: ${all.join(', ')}.`)
  const allow = all.filter((route) => route.endsWith(` ${path}`)).map((route) => route.split(' ')[0])
  return new HttpError(405, 'METHOD_NOT_ALLOWED', `${path} takes ${allow.join(', ')}.`, {
    headers: { allow: allow.join(', ') },
  })
}

const codeAndMessage = ({ code, message, details }: HttpError): unknown => ({ error: code, message, ...details })

function failure(error: unknown, { log, logRetries = true, errorBody = codeAndMessage }: ServerOptions): Answer {
  if (error instanceof HttpError) {
    const { status, headers } = error
    if (status >= 500 && (logRetries || headers['retry-after'] === undefined))
      log.warn('A request was refused.', { status, error })
    return { status, headers, body: errorBody(error) }
  }
  log.error('A request failed unexpectedly.', { error, stack: (error as Error)?.stack })
  const unknown = new HttpError(500, 'INTERNAL', 'The request failed on our side. Send it again later.')
  return { status: 500, body: errorBody(unknown) }
}

/** Whether the caller showed a certificate of our authority. */
export const hasClientCertificate = (request: IncomingMessage): boolean =>
  (request.socket as TLSSocket).authorized === true

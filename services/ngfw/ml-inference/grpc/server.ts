import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { hostOf, type Listener } from '../../../common/http/listener.ts'
import type { Log } from '../../../common/log/log.ts'
import { InferenceError } from '../errors.ts'
import type { InFlight } from '../in-flight.ts'
import { grpcTimeout, readMessage, writeMessage } from './frame.ts'

/** `/package.Service/Method` → what answers one message with one message. Throws InferenceError. */
export type Methods = Readonly<
  Record<
    string,
    (message: Uint8Array, deadlineAt: number, signal: AbortSignal, headers: IncomingHttpHeaders) => Promise<Uint8Array>
  >
>

export interface GrpcServerOptions {
  readonly listener: Listener
  readonly methods: Methods
  readonly maxMessageBytes: number
  readonly inFlight: InFlight
  readonly log: Log
}

const contentType = 'application/grpc'
/** Of one connection: a proxy sends the requests of all its callers over a few. */
const settings = { maxConcurrentStreams: 4_096, initialWindowSize: 2 ** 20, enableConnectProtocol: false }
const windowBytes = 2 ** 24
const sessionMegabytes = 512
/** A message that is not whole by then ends its call. */
const messageTimeoutMs = 30_000

/** gRPC on Node's HTTP/2: calls of one message each way. See docs/decisions/0020-inference-runtime.md. */
export class GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #server: Http2Server | Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(options: GrpcServerOptions) {
    this.#options = options
    const { listener } = options
    const own = { settings, maxSessionMemory: sessionMegabytes }
    if (listener.kind === 'proxied') this.#server = createServer(own)
    else {
      const { cert, key } = listener.tls.current
      const server = createSecureServer({ ...own, cert, key, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 })
      listener.tls.onChange((material) =>
        server.setSecureContext({ cert: material.cert, key: material.key, minVersion: 'TLSv1.2' }),
      )
      server.on('tlsClientError', () => {})
      this.#server = server
    }
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.setLocalWindowSize(windowBytes)
      session.on('error', () => {})
      session.on('close', () => this.#sessions.delete(session))
    })
    this.#server.on('sessionError', () => {})
    this.#server.on('stream', (stream, headers) => this.#serve(stream, headers))
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    const { listener } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(listener.port, hostOf(listener), () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /** No new calls: callers are told to go elsewhere (GOAWAY), and those that are here are answered. What is left after `graceMs` is cut. */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const session of this.#sessions) session.close()
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy()
    }, graceMs)
    await closed
    clearTimeout(timer)
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const came = performance.now()
    stream.on('error', () => {})
    if (!`${headers['content-type'] ?? ''}`.startsWith(contentType) || headers[':method'] !== 'POST') {
      stream.respond({ ':status': 415 }, { endStream: true })
      return
    }
    const answer = this.#options.methods[headers[':path'] ?? '']
    if (!answer) {
      refuse(stream, new InferenceError('UNIMPLEMENTED', 'There is no such method.'))
      return
    }
    const abort = new AbortController()
    let held = 0
    stream.once('close', () => {
      clearTimeout(late)
      this.#options.inFlight.give(held)
      abort.abort()
    })
    const deadlineAt = came + grpcTimeout(headers['grpc-timeout'])
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => {
      try {
        if (held + chunk.length > this.#options.maxMessageBytes)
          throw new InferenceError('TOO_LARGE', `Messages have at most ${this.#options.maxMessageBytes} bytes.`)
        this.#options.inFlight.take(chunk.length)
        held += chunk.length
        chunks.push(chunk)
      } catch (error) {
        stream.removeAllListeners('data').removeAllListeners('end')
        refuse(stream, error)
      }
    })
    const late = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), messageTimeoutMs)
    stream.on('end', () => {
      clearTimeout(late)
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      this.#answer(stream, headers, body, (message) => answer(message, deadlineAt, abort.signal, headers))
    })
  }

  async #answer(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    body: Buffer,
    answer: (message: Uint8Array) => Promise<Uint8Array>,
  ): Promise<void> {
    try {
      const message = await readMessage(body, headers['grpc-encoding'], this.#options.maxMessageBytes)
      const written = writeMessage(await answer(message))
      if (stream.destroyed || stream.headersSent) return
      stream.respond({ ':status': 200, 'content-type': contentType }, { waitForTrailers: true })
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(written)
    } catch (error) {
      if (!(error instanceof InferenceError))
        this.#options.log.error('A call failed unexpectedly.', { error, stack: (error as Error)?.stack })
      refuse(stream, error)
    }
  }
}

/** `%` and what is not printable ASCII, as the protocol writes it in a header. */
const percentEncoded = (text: string): string =>
  text.replace(/[^\x20-\x24\x26-\x7e]/gu, (c) =>
    [...Buffer.from(c)].map((b) => `%${b.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
  )

function refuse(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return
  const known = error instanceof InferenceError
  stream.respond(
    {
      ':status': 200,
      'content-type': contentType,
      'grpc-status': `${known ? error.grpcStatus : 13}`,
      'grpc-message': percentEncoded(known ? error.message : 'The call failed on our side.'),
      ...(known && error.retryAfterMs !== undefined
        ? { 'grpc-retry-pushback-ms': `${Math.max(1, Math.ceil(error.retryAfterMs))}` }
        : {}),
    },
    { endStream: true },
  )
  // Whoever still sends learns that nobody reads it.
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
}

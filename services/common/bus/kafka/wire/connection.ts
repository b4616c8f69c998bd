import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import type { KafkaOptions } from '../options.ts'
import { brokerSocket } from '../socket.ts'
import { type Api, encodeRequest } from './api.ts'
import { authenticate } from './authenticate.ts'
import { Frames } from './frames.ts'
import { Reader } from './reader.ts'

/** The broker was not reached, or went away with requests under way: they may have been done or not. */
export class ConnectionError extends Error {
  readonly code: 'UNREACHABLE' | 'DISCONNECTED' | 'NO_ANSWER'
  constructor(code: ConnectionError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConnectionError'
    this.code = code
  }
}

interface Pending {
  readonly correlation: number
  readonly settle: (error: Error | undefined, answer?: Buffer) => void
}

export interface ConnectionLimits {
  readonly connectTimeoutMs: number
  /** How long a broker may take to answer, unless a request says otherwise, milliseconds. */
  readonly requestTimeoutMs: number
}

/** A session is renewed when this part of it is over. */
const renewAfter = 0.8

/**
 * One connection to one broker. Answers come in the order of requests; a broker works on one request of a connection at a time. After a request
 * without an answer in time, or an answer that cannot be read, the connection is closed and all that was under way fails.
 */
export class Connection {
  readonly #socket: TLSSocket
  readonly #options: KafkaOptions
  readonly #limits: ConnectionLimits
  readonly #broker: string
  readonly #pending: Pending[] = []
  /** While the session is renewed, nothing else may be sent. */
  #renewing: Promise<void> | undefined
  #renewal: NodeJS.Timeout | undefined
  #correlation = 0
  #failure: ConnectionError | undefined

  private constructor(socket: TLSSocket, options: KafkaOptions, limits: ConnectionLimits, broker: string) {
    this.#socket = socket
    this.#options = options
    this.#limits = limits
    this.#broker = broker
  }

  static async open(
    options: KafkaOptions,
    address: { readonly host: string; readonly port: number },
    limits: ConnectionLimits,
  ): Promise<Connection> {
    const broker = `${address.host}:${address.port}`
    const socket = brokerSocket(options, address)
    const connection = new Connection(socket, options, limits, broker)
    try {
      const signal = AbortSignal.timeout(limits.connectTimeoutMs)
      await once(socket, 'secureConnect', { signal })
    } catch (cause) {
      socket.on('error', () => {})
      socket.destroy()
      throw new ConnectionError('UNREACHABLE', `The broker ${broker} cannot be reached.`, { cause })
    }
    connection.#listen()
    try {
      await connection.#renew()
    } catch (error) {
      connection.close()
      throw error
    }
    return connection
  }

  get open(): boolean {
    return this.#failure === undefined
  }

  #listen(): void {
    const frames = new Frames((frame) => this.#answered(frame))
    const lost = (cause?: Error) =>
      this.#fail(new ConnectionError('DISCONNECTED', `The broker ${this.#broker} ended the connection.`, { cause }))
    this.#socket.setNoDelay(true)
    this.#socket.on('error', lost)
    this.#socket.on('close', () => lost())
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk)
      } catch (cause) {
        this.#fail(
          new ConnectionError('DISCONNECTED', `The broker ${this.#broker} sent what cannot be read.`, { cause }),
        )
      }
    })
  }

  /** Proves who we are, and again before the session ends; with certificates TLS has done that. */
  async #renew(): Promise<void> {
    const { tokens } = this.#options
    if (tokens === undefined) return
    const sessionMs = await authenticate(tokens, (api, request) => this.#exchange(api, request))
    if (sessionMs <= 0 || !this.open) return
    this.#renewal = setTimeout(async () => {
      // Made before anything is held up; its failure is met again in the renewal.
      await tokens.token().catch(() => {})
      if (this.open) this.#renewing = this.#renewed()
    }, sessionMs * renewAfter)
    this.#renewal.unref()
  }

  async #renewed(): Promise<void> {
    try {
      await this.#renew()
    } catch (cause) {
      this.#fail(new ConnectionError('DISCONNECTED', `The session with ${this.#broker} was not renewed.`, { cause }))
    }
    this.#renewing = undefined
  }

  /** Sends a request and resolves with its answer. Rejects with ConnectionError. */
  async request<Request, Answer>(api: Api<Request, Answer>, request: Request, timeoutMs?: number): Promise<Answer> {
    while (this.#renewing !== undefined) await this.#renewing
    return this.#exchange(api, request, timeoutMs)
  }

  #exchange<Request, Answer>(
    api: Api<Request, Answer>,
    request: Request,
    timeoutMs = this.#limits.requestTimeoutMs,
  ): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const correlation = this.#correlation
    this.#correlation = (correlation + 1) & 0x7fff_ffff
    const bytes = encodeRequest(api, correlation, this.#options.clientId, request)
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => {
        const text = `The broker ${this.#broker} did not answer ${api.name} within ${timeoutMs} ms.`
        this.#fail(new ConnectionError('NO_ANSWER', text))
      }, timeoutMs)
      this.#pending.push({
        correlation,
        settle: (error, answer) => {
          clearTimeout(timer)
          if (error !== undefined || answer === undefined) return reject(error)
          try {
            const reader = new Reader(answer)
            reader.int32()
            resolve(api.read(reader))
          } catch (cause) {
            reject(cause)
            this.#fail(
              new ConnectionError('DISCONNECTED', `The answer to ${api.name} of ${this.#broker} cannot be read.`, {
                cause,
              }),
            )
          }
        },
      })
      this.#socket.write(bytes)
    })
  }

  #answered(frame: Buffer): void {
    const pending = this.#pending.shift()
    const correlation = frame.length < 4 ? undefined : frame.readInt32BE(0)
    if (pending === undefined || pending.correlation !== correlation) {
      const failure = new ConnectionError('DISCONNECTED', `The broker ${this.#broker} answered what was not asked.`)
      this.#fail(failure)
      pending?.settle(failure)
      return
    }
    pending.settle(undefined, frame)
  }

  #fail(failure: ConnectionError): void {
    if (this.#failure !== undefined) return
    this.#failure = failure
    clearTimeout(this.#renewal)
    this.#socket.destroy()
    for (const { settle } of this.#pending.splice(0)) settle(failure)
  }

  close(): void {
    this.#fail(new ConnectionError('DISCONNECTED', `The connection to ${this.#broker} was closed here.`))
  }
}

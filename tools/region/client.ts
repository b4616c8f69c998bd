import { Agent, request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'

export interface Reply {
  readonly status: number
  readonly retryAfterMs: number | undefined
  readonly body: string
}

export type ClientErrorCode = 'UNREACHABLE' | 'REFUSED' | 'GAVE_UP'

/** A call that brought no usable answer. `retryable`: sending the same again can help. */
export class ClientError extends Error {
  readonly code: ClientErrorCode
  readonly retryable: boolean
  constructor(code: ClientErrorCode, message: string, retryable: boolean, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = retryable
  }
}

export interface ClientOptions {
  /** https://host:port */
  readonly url: string
  /** The authority, in PEM, that signed the server's certificate. */
  readonly ca: string
  readonly token: string
  /** Whole exchange, milliseconds. */
  readonly timeoutMs?: number
  readonly maxSockets?: number
}

/** A small HTTPS client of the region's own services: bearer token, the region's authority, a bound on every exchange. */
export class RegionClient {
  readonly #options: ClientOptions
  readonly #agent: Agent

  constructor(options: ClientOptions) {
    this.#options = options
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets ?? 8, ca: options.ca })
  }

  /** One exchange. Throws ClientError UNREACHABLE; any HTTP status is a Reply. */
  call(method: string, path: string, body?: Buffer | string, headers: Record<string, string> = {}): Promise<Reply> {
    const { url, token, timeoutMs = 30_000 } = this.#options
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) =>
        reject(
          new ClientError('UNREACHABLE', `${url}${path} did not answer: ${(cause as Error).message}`, true, { cause }),
        )
      const req = request(
        new URL(path, url),
        {
          method,
          agent: this.#agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
            ...headers,
          },
        },
        (res) => {
          const chunks: Buffer[] = []
          res.on('data', (chunk: Buffer) => chunks.push(chunk))
          res.on('error', fail)
          res.on('end', () => {
            const after = Number(res.headers['retry-after'])
            resolve({
              status: res.statusCode ?? 0,
              retryAfterMs: Number.isFinite(after) ? after * 1_000 : undefined,
              body: Buffer.concat(chunks).toString('utf8'),
            })
          })
        },
      )
      req.on('error', fail)
      req.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

export interface RetryOptions {
  /** Give up after this long, milliseconds. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: (reason: string, waitMs: number) => void
}

const transient = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * Repeats `attempt` until it answers something final: full jitter, at most 5 s apart, never sooner than Retry-After.
 * Only for exchanges that may be repeated, such as a batch with its id. Throws ClientError GAVE_UP.
 */
export async function untilFinal(attempt: () => Promise<Reply>, options: RetryOptions): Promise<Reply> {
  const end = Date.now() + options.deadlineMs
  for (let n = 0; ; n++) {
    let why: string
    let floor = 0
    try {
      const reply = await attempt()
      if (!transient.has(reply.status)) return reply
      why = `${reply.status} ${reply.body.slice(0, 200)}`
      floor = reply.retryAfterMs ?? 0
    } catch (error) {
      if (!(error instanceof ClientError) || !error.retryable) throw error
      why = error.message
    }
    const wait = Math.max(floor, Math.random() * Math.min(5_000, 100 * 2 ** n))
    if (Date.now() + wait > end)
      throw new ClientError(
        'GAVE_UP',
        `No final answer within ${options.deadlineMs / 1_000} s; the last was: ${why}`,
        false,
      )
    options.onRetry?.(why, wait)
    await delay(wait, undefined, { signal: options.signal })
  }
}

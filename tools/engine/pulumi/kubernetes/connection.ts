import { Agent, request } from 'node:https'
import type { Access } from './kubeconfig.ts'
import { isObject, type Json, type JsonObject } from './wire.ts'

/** A refusal in the API server's own words. */
export class ApiError extends Error {
  readonly code = 'API_REFUSED'
  readonly status: number
  readonly reason: string
  /** The fields that the server complains about, as it writes them. */
  readonly causes: readonly { readonly field: string; readonly message: string }[]

  constructor(status: number, body: Json) {
    const said = isObject(body) ? body : {}
    super(typeof said.message === 'string' && said.message !== '' ? said.message : `the API server answered ${status}`)
    this.status = status
    this.reason = typeof said.reason === 'string' ? said.reason : ''
    const causes = isObject(said.details) && Array.isArray(said.details.causes) ? said.details.causes : []
    this.causes = causes.filter(isObject).map((cause) => ({
      field: String(cause.field ?? ''),
      message: String(cause.message ?? ''),
    }))
  }
}

/** The API server did not answer at all. */
export class UnreachableError extends Error {
  readonly code = 'API_UNREACHABLE'
}

export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: Json
  readonly signal?: AbortSignal | undefined
  /** The answer is text (a pod's log), not JSON. */
  readonly text?: boolean
  /** Hears what the server says of a request that it does not refuse. */
  readonly onWarning?: ((text: string) => void) | undefined
}

/** The texts of a header `Warning`: '299 - "text", 299 - "text"'. */
export const warnings = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  )

/** How long one request may take, in milliseconds. */
const timeout = 30_000
/** Attempts against a server that is starting or overloaded; each waits twice as long as the one before. */
const attempts = 6

/** One API server over kept-alive TLS. */
export class Connection {
  readonly server: string
  readonly #agent: Agent
  readonly #headers: Record<string, string>

  constructor(access: Access) {
    this.server = access.server
    if (!access.server.startsWith('https://'))
      throw new UnreachableError(`The API server's address '${access.server}' is not https.`)
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 32,
      ...(access.ca ? { ca: access.ca } : {}),
      ...(access.certificate ? { cert: access.certificate } : {}),
      ...(access.key ? { key: access.key } : {}),
      ...(access.serverName ? { servername: access.serverName } : {}),
    })
    this.#headers = { accept: 'application/json', ...(access.token ? { authorization: `Bearer ${access.token}` } : {}) }
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Sends one request. Retries what did not reach the server or what it was too busy for. Throws ApiError and UnreachableError. */
  async send(call: Call): Promise<JsonObject> {
    const answer = await this.#retried(call)
    return isObject(answer) ? answer : {}
  }

  /** As `send`, for text. */
  async text(call: Call): Promise<string> {
    const answer = await this.#retried({ ...call, text: true })
    return typeof answer === 'string' ? answer : ''
  }

  async #retried(call: Call): Promise<Json> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(call)
      } catch (error) {
        call.signal?.throwIfAborted()
        const busy = error instanceof ApiError && (error.status === 429 || error.status === 503 || error.status === 504)
        // A namespace is refused while its controller still creates it, and a webhook while it starts: both say 500.
        const again = busy || error instanceof UnreachableError
        if (!again || attempt === attempts) throw error
        await pause(200 * 2 ** (attempt - 1), call.signal)
      }
    }
  }

  #once({ method = 'GET', path, query, contentType, body, signal, text, onWarning }: Call): Promise<Json> {
    const url = new URL(this.server + path)
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value)
    const data = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...this.#headers,
      ...(data === undefined
        ? {}
        : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(data) }),
    }
    return new Promise((resolve, reject) => {
      const unreachable = (cause: Error) =>
        reject(new UnreachableError(`The API server at ${this.server} does not answer: ${cause.message}`, { cause }))
      const outgoing = request(url, { method, headers, agent: this.#agent, timeout, signal }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', unreachable)
        incoming.on('end', () => {
          const received = Buffer.concat(chunks).toString('utf8')
          const status = incoming.statusCode ?? 0
          if (onWarning) for (const said of warnings(incoming.headers.warning)) onWarning(said)
          if (text && status < 300) return resolve(received)
          let parsed: Json
          try {
            parsed = received === '' ? {} : (JSON.parse(received) as Json)
          } catch {
            parsed = { message: received.slice(0, 2_000) }
          }
          if (status >= 300) reject(new ApiError(status, parsed))
          else resolve(parsed)
        })
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeout / 1_000} s`)))
      outgoing.on('error', (cause) => (signal?.aborted ? reject(signal.reason as Error) : unreachable(cause)))
      outgoing.end(data)
    })
  }
}

/** Waits, or throws the signal's reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

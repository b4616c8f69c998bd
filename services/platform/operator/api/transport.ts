import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { ApiError, UnreachableError } from './errors.ts'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly contentType?: string
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Without a byte for so long it is over, milliseconds. */
  readonly timeoutMs?: number
}

/** How requests reach one API server. Both throw ApiError for an answer from 300 on, and UnreachableError for none. */
export interface Transport {
  /** One answer, parsed. */
  send(request: Request): Promise<unknown>
  /** Lines as they come, until either side ends it. */
  stream(request: Request): AsyncIterable<string>
}

export interface Access {
  /** 'https://host:port' */
  readonly server: string
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string
  /** A file with a bearer token, read anew for each request: the kubelet rotates it. */
  readonly tokenFile?: string
  /** PEM, in place of a token. */
  readonly certificate?: string
  readonly key?: string
}

/** Larger answers are refused: no page of ours comes near. */
const maxBytes = 32 * 2 ** 20
/** A line of a watch is one object, and the server's own limit for one is 1.5 MiB. */
const maxLine = 4 * 2 ** 20
const defaultTimeoutMs = 10_000

/** Kept-alive TLS over HTTP/1.1: each watch has a connection of its own, so a stuck one holds up nobody else. */
export class HttpsTransport implements Transport {
  readonly #access: Access
  readonly #agent: Agent

  constructor(access: Access) {
    this.#access = access
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 64,
      ca: access.ca,
      ...(access.certificate ? { cert: access.certificate } : {}),
      ...(access.key ? { key: access.key } : {}),
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  async send(call: Request): Promise<unknown> {
    return parsed(await text(await this.#open(call)))
  }

  async *stream(call: Request): AsyncIterable<string> {
    const incoming = await this.#open(call)
    incoming.setEncoding('utf8')
    let rest = ''
    try {
      for await (const chunk of incoming as AsyncIterable<string>) {
        rest += chunk
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 1)
          if (line !== '') yield line
        }
        if (rest.length > maxLine) throw new UnreachableError('The API server sent a line without an end.')
      }
    } catch (error) {
      call.signal?.throwIfAborted()
      throw error instanceof UnreachableError ? error : broken(error)
    } finally {
      incoming.destroy()
    }
  }

  /** The answer's head. An answer from 300 on is thrown. */
  async #open(call: Request): Promise<IncomingMessage> {
    const incoming = await this.#request(call)
    const status = incoming.statusCode ?? 0
    if (status < 300) return incoming
    const after = Number(incoming.headers['retry-after'])
    throw new ApiError(status, lenient(await text(incoming)), Number.isFinite(after) ? after * 1_000 : undefined)
  }

  #request({ method, path, query, contentType, body, signal, timeoutMs = defaultTimeoutMs }: Request) {
    const url = new URL(this.#access.server + path)
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
    const data = body === undefined ? undefined : JSON.stringify(body)
    const { tokenFile } = this.#access
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      timeout: timeoutMs,
      ...(signal ? { signal } : {}),
      headers: {
        accept: 'application/json',
        ...(tokenFile ? { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` } : {}),
        ...(data === undefined
          ? {}
          : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(data) }),
      },
    }
    return new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(url, options, (incoming) => {
        // The same silence ends an answer that has begun: a watch whose bookmarks stay away is dead.
        incoming.setTimeout(timeoutMs, () => incoming.destroy(new Error(`silence for ${timeoutMs / 1_000} s`)))
        resolve(incoming)
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)))
      outgoing.on('error', (cause) => reject(signal?.aborted ? signal.reason : broken(cause)))
      outgoing.end(data)
    })
  }
}

const broken = (cause: unknown): UnreachableError =>
  new UnreachableError(`The API server does not answer: ${cause instanceof Error ? cause.message : 'it broke off'}.`, {
    cause,
  })

async function text(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    incoming.destroy()
    throw broken(error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body)
  } catch (error) {
    throw broken(error)
  }
}

function lenient(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return { message: body.slice(0, 1_000) }
  }
}

import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { isIP } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface RestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown
}

const timeoutMs = 20_000

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A server's REST interface, asked with nothing between: what it says is what a requirement is checked against. */
export class Rest {
  readonly #base: URL
  readonly #agent: PlainAgent | TlsAgent

  // A connection for each request: one that a server closes after an error says nothing of the next request.
  /** `base`: `http://host:port` or `https://…`; `ca`: PEM of who signed the server's certificate, where no public authority did. */
  constructor(base: string, ca?: string | Buffer) {
    this.#base = new URL(base)
    const tls = this.#base.protocol === 'https:'
    this.#agent = tls
      ? new TlsAgent({
          // A name that is an address cannot be asked for in TLS.
          ...(isIP(this.#base.hostname) ? { servername: '' } : {}),
          ...(ca ? { ca } : {}),
        })
      : new PlainAgent()
  }

  /** `path` without its first slash, as the protocol writes it. */
  send(
    method: 'GET' | 'POST',
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<RestAnswer> {
    const send = this.#agent instanceof TlsAgent ? tlsRequest : plainRequest
    const payload = body === undefined ? undefined : Buffer.from(body)
    return new Promise((resolve, reject) => {
      const request = send(
        new URL(path, this.#base),
        {
          method,
          agent: this.#agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...(payload ? { 'content-type': 'application/json', 'content-length': String(payload.length) } : {}),
            ...headers,
          },
        },
        (response) => {
          buffer(response).then((all) => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: all, json: parsed(all) })
          }, reject)
        },
      )
      request.once('error', reject)
      request.end(payload)
    })
  }

  get(path: string): Promise<RestAnswer> {
    return this.send('GET', path)
  }

  post(path: string, body: unknown): Promise<RestAnswer> {
    return this.send('POST', path, JSON.stringify(body))
  }

  close(): void {
    this.#agent.destroy()
  }
}

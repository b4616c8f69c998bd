import { createServer, type Server } from 'node:https'
import type { TlsMaterial } from '../../../common/tls/material.ts'

/** One request of a webhook, read whole. */
export interface WebhookCall {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** What a receiver does with a request: answers with a status, cuts the connection, or never answers. */
export type WebhookAnswer = number | 'cut' | 'silence'

/** A receiver of webhooks over TLS on loopback that does with each request what `answer` says. */
export class WebhookReceiver {
  /** All requests, in the order of their ends. */
  readonly calls: WebhookCall[] = []
  answer: (call: WebhookCall) => WebhookAnswer
  #server: Server | undefined
  #port = 0
  readonly #tls: Pick<TlsMaterial, 'cert' | 'key'>

  constructor(tls: Pick<TlsMaterial, 'cert' | 'key'>, answer: (call: WebhookCall) => WebhookAnswer = () => 204) {
    this.#tls = tls
    this.answer = answer
  }

  get url(): string {
    return `https://localhost:${this.#port}/hook`
  }

  /** Listens; again on the port that it had. */
  async listen(): Promise<this> {
    const { cert, key } = this.#tls
    const server = createServer({ cert, key }, (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const call = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() }
        this.calls.push(call)
        const answer = this.answer(call)
        if (answer === 'cut') request.socket.destroy()
        else if (typeof answer === 'number')
          response.writeHead(answer, answer >= 300 && answer < 400 ? { location: '/elsewhere' } : {}).end()
      })
    })
    // A caller that is killed leaves its connection.
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    const address = server.address()
    this.#port = typeof address === 'object' && address ? address.port : 0
    this.#server = server
    return this
  }

  /** Nobody listens there any more; who is being served is cut off. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'

/** One request that passes through. */
export interface Passing {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly watch: boolean
  readonly at: number
}

export interface ApiProxyOptions {
  /** 'https://host:port' */
  readonly server: string
  /** PEM of the authority of the server's certificate. */
  readonly ca: string
  /** Folder of tls.crt and tls.key that the proxy shows. */
  readonly folder: string
}

/**
 * Stands between an operator and its API server, sees every request, and can break everything that is under way. `before` is called when a
 * request has come in, `after` when the server has answered it and the operator has not heard of it.
 */
export class ApiProxy {
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()
  readonly #agent: Agent
  readonly #target: string
  readonly passed: Passing[] = []
  before: (passing: Passing) => void | Promise<void> = () => {}
  after: (passing: Passing, status: number) => void | Promise<void> = () => {}
  /** While true, every connection is closed at once. */
  down = false

  constructor({ server, ca, folder }: ApiProxyOptions) {
    this.#target = server
    this.#agent = new Agent({ ca, keepAlive: true })
    const read = (name: string) => readFileSync(join(folder, name))
    this.#server = createServer({ cert: read('tls.crt'), key: read('tls.key') }, (incoming, outgoing) => {
      void this.#pass(incoming, outgoing).catch(() => incoming.destroy())
    })
    this.#server.on('connection', (socket) => {
      if (this.down) return socket.destroy()
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as { port: number }).port
  }

  /** Breaks every connection that there is. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    this.#agent.destroy()
    await once(this.#server, 'close')
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const { method = 'GET', url = '/' } = incoming
    const passing = { method, url, watch: url.includes('watch=true'), at: Date.now() }
    this.passed.push(passing)
    await this.before(passing)
    const { host: _, connection: __, ...headers } = incoming.headers
    const forward = request(new URL(url, this.#target), { method, headers, agent: this.#agent })
    outgoing.on('close', () => forward.destroy())
    forward.end(Buffer.concat(chunks))
    const [answer] = (await once(forward, 'response')) as [IncomingMessage]
    const status = answer.statusCode ?? 0
    if (!passing.watch) {
      const body: Buffer[] = []
      for await (const chunk of answer as AsyncIterable<Buffer>) body.push(chunk)
      await this.after(passing, status)
      outgoing.writeHead(status, answer.headers)
      outgoing.end(Buffer.concat(body))
      return
    }
    outgoing.writeHead(status, answer.headers)
    answer.on('error', () => outgoing.destroy())
    answer.pipe(outgoing)
  }
}

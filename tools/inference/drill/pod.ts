import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Subset } from './envoy.ts'

/** How a model answers. */
export interface Model {
  readonly id: string
  /** The share of its answers that are errors. */
  readonly errors?: number
  readonly ms?: number
}

/** One pod: a server that answers as its model does, and says of which subset it is. */
export class Pod {
  readonly model: string
  readonly port: number
  /** Taken out of the mesh: nobody sends it anything new. */
  going = false
  /** From now on every answer is an error. */
  spoiled = false
  readonly #server: Server

  private constructor(model: string, server: Server) {
    this.model = model
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async start(subset: Subset, { id, errors = 0, ms = 2 }: Model): Promise<Pod> {
    let served = 0
    let pod: Pod | undefined
    const server = createServer((request, response) => {
      const bad = pod?.spoiled || Math.floor((served + 1) * errors) > Math.floor(served * errors)
      served++
      request.resume().on('end', async () => {
        await delay(ms)
        response.writeHead(bad ? 500 : 200, { 'x-subset': subset }).end('{}')
      })
    })
    // The mesh closes connections, not the pod: a request may be on its way on one that is idle.
    server.keepAliveTimeout = 0
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    pod = new Pod(id, server)
    return pod
  }

  /** Answers what it has, then ends. */
  async drain(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    await Promise.race([closed, delay(2_000)])
    this.#server.closeAllConnections()
  }

  kill(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

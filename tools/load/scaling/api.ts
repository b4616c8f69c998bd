import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { Region } from '../../../infra/local/region.ts'

const timeoutMs = 10_000

/** Objects of one region as JSON, asked for as its administrator. A program that looks every second cannot start kubectl each time. */
export class ClusterReader {
  readonly #url: string
  readonly #agent: Agent

  constructor({ apiServer, paths }: Pick<Region, 'apiServer' | 'paths'>) {
    const pem = (file: string): Buffer => readFileSync(join(paths.pki, file))
    this.#url = apiServer
    this.#agent = new Agent({ keepAlive: true, ca: pem('ca.crt'), cert: pem('admin.crt'), key: pem('admin.key') })
  }

  /** GET. Throws with the API server's words when it says anything but 200. */
  get<T>(path: string): Promise<T> {
    return this.#send<T>('GET', path)
  }

  /** A JSON merge patch. Throws like `get`. */
  merge<T>(path: string, patch: object): Promise<T> {
    return this.#send<T>('PATCH', path, patch)
  }

  #send<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = body ? { 'content-type': 'application/merge-patch+json' } : {}
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.#url),
        { method, agent: this.#agent, headers, signal: AbortSignal.timeout(timeoutMs) },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          answer.on('error', reject)
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(JSON.parse(text) as T)
            else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`))
          })
        },
      )
      sent.on('error', reject)
      sent.end(body ? JSON.stringify(body) : undefined)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

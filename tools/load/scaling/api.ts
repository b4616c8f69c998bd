import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import type { Region } from '../../../infra/local/region.ts'
import { ask } from '../../region/ask.ts'

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

  async #send<T>(method: string, path: string, patch?: object): Promise<T> {
    const headers = patch ? { 'content-type': 'application/merge-patch+json' } : {}
    const options = { method, agent: this.#agent, headers, signal: AbortSignal.timeout(timeoutMs) }
    const { status, body } = await ask(new URL(path, this.#url), options, patch && JSON.stringify(patch))
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${body.slice(0, 300)}`)
    return JSON.parse(body) as T
  }

  close(): void {
    this.#agent.destroy()
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { services } from '../../../policies/services.ts'
import { RegionClient } from '../../region/client.ts'
import { entry, type Places } from '../../region/context.ts'

const tickMs = 20
const question = JSON.stringify({ aggregate: 'count' })

/** A tenant who asks the analytics so many questions a second, whatever becomes of those before, until `stop`. */
export class Questions {
  readonly #client: RegionClient
  readonly #stopped = new AbortController()
  readonly #loop: Promise<void>
  readonly #open = new Set<Promise<void>>()
  /** Answers with another status than 200, and none at all. */
  failed = 0
  answered = 0

  constructor(where: Places, perSecond: number) {
    const { ca, token, nodeAddress } = entry(where, 'acme')
    const url = `https://${nodeAddress}:${services.analytics.nodePort}`
    this.#client = new RegionClient({ url, ca, token, maxSockets: 32, timeoutMs: 10_000 })
    this.#loop = this.#run(perSecond)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#loop
    await Promise.all(this.#open)
    this.#client.close()
  }

  async #run(perSecond: number): Promise<void> {
    const start = performance.now()
    for (let sent = 0; !this.#stopped.signal.aborted; await delay(tickMs)) {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1_000)
      for (; sent < due; sent++) {
        const call = this.#ask().finally(() => this.#open.delete(call))
        this.#open.add(call)
      }
    }
  }

  async #ask(): Promise<void> {
    try {
      const { status } = await this.#client.call('POST', '/v1/query', question, { 'content-type': 'application/json' })
      if (status === 200) this.answered++
      else this.failed++
    } catch {
      this.failed++
    }
  }
}

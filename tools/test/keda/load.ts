import { services } from '../../../policies/services.ts'
import { OpenCalls } from '../../load/open-calls.ts'
import { RegionClient } from '../../region/client.ts'
import { entry, type Places } from '../../region/context.ts'

const tickMs = 20
const question = JSON.stringify({ aggregate: 'count' })

/** A tenant who asks the analytics so many questions a second, whatever becomes of those before, until `stop`. */
export class Questions {
  readonly #client: RegionClient
  readonly #calls: OpenCalls
  /** Answers with another status than 200, and none at all. */
  failed = 0
  answered = 0

  constructor(where: Places, perSecond: number) {
    const { ca, token, nodeAddress } = entry(where, 'acme')
    const url = `https://${nodeAddress}:${services.analytics.nodePort}`
    this.#client = new RegionClient({ url, ca, token, maxSockets: 32, timeoutMs: 10_000 })
    this.#calls = new OpenCalls(perSecond, tickMs, () => this.#ask())
  }

  async stop(): Promise<void> {
    await this.#calls.stop()
    this.#client.close()
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

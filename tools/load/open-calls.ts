import { setTimeout as delay } from 'node:timers/promises'

/** Calls that are made when they are due, so many a second, whatever becomes of those before; until `stop`. `call` does not reject. */
export class OpenCalls {
  readonly #call: () => Promise<void>
  readonly #stopped = new AbortController()
  readonly #open = new Set<Promise<void>>()
  readonly #loop: Promise<void>

  constructor(perSecond: number, tickMs: number, call: () => Promise<void>) {
    this.#call = call
    this.#loop = this.#run(perSecond, tickMs)
  }

  /** Ends with the last answer. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#loop
    await Promise.all(this.#open)
  }

  async #run(perSecond: number, tickMs: number): Promise<void> {
    const start = performance.now()
    for (let sent = 0; !this.#stopped.signal.aborted; await delay(tickMs)) {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1_000)
      for (; sent < due; sent++) {
        const call = this.#call().finally(() => this.#open.delete(call))
        this.#open.add(call)
      }
    }
  }
}

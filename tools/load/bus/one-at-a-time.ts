import { setTimeout as delay, setImmediate as macrotask } from 'node:timers/promises'

export interface Sent {
  readonly partition: number
  readonly value: Buffer
}

const maxBatchBytes = 900_000

/**
 * For clients that may have one request under way (idempotent, in order): what comes meanwhile, or within the linger, shares the next one.
 */
export class OneAtATime {
  readonly #lingerMs: number
  readonly #request: (records: readonly Sent[]) => Promise<void>
  readonly #waiting: { readonly record: Sent; readonly settle: (error?: unknown) => void }[] = []
  #running = false

  constructor(lingerMs: number, request: (records: readonly Sent[]) => Promise<void>) {
    this.#lingerMs = lingerMs
    this.#request = request
  }

  send(record: Sent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, settle: (error) => (error === undefined ? resolve() : reject(error)) })
      if (!this.#running) void this.#run()
    })
  }

  /** How many fit into one request without a batch that brokers refuse. */
  #fitting(): number {
    const sizes = new Map<number, number>()
    const tooMany = this.#waiting.findIndex(({ record: { partition, value } }) => {
      const size = (sizes.get(partition) ?? 0) + value.length + 64
      sizes.set(partition, size)
      return size > maxBatchBytes
    })
    return tooMany < 1 ? this.#waiting.length : tooMany
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      await (this.#lingerMs === 0 ? macrotask() : delay(this.#lingerMs))
      const batch = this.#waiting.splice(0, this.#fitting())
      const error = await this.#request(batch.map(({ record }) => record)).then(
        () => undefined,
        (failure: unknown) => failure,
      )
      for (const { settle } of batch) settle(error)
    }
    this.#running = false
  }
}

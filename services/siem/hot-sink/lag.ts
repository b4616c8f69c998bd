import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer } from '../../common/bus/bus.ts'

export interface LagOptions {
  readonly consumer: Pick<Consumer, 'endOffsets'>
  /** Of each partition of this member, the first offset that is not stored yet. */
  readonly positions: () => ReadonlyMap<number, bigint>
  /** How old an answer of the brokers may be, milliseconds. */
  readonly maxAgeMs: number
  /** How long a reader waits for the brokers; after that the last answer counts. */
  readonly patienceMs?: number
  readonly now?: () => number
}

/** How many records of this member's partitions wait to be stored. Brokers are asked no more often than `maxAgeMs`, and never hold a scrape up. */
export class Lag {
  readonly #options: LagOptions
  #ends: ReadonlyMap<number, bigint> = new Map()
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(options: LagOptions) {
    this.#options = options
  }

  async read(): Promise<number> {
    const { positions, maxAgeMs, patienceMs = 1_000, now = () => performance.now() } = this.#options
    if (positions().size > 0 && now() - this.#askedAt >= maxAgeMs) {
      this.#asking ??= this.#ask().finally(() => {
        this.#askedAt = now()
        this.#asking = undefined
      })
      await Promise.race([this.#asking, delay(patienceMs, undefined, { ref: false })])
    }
    let lag = 0
    for (const [partition, position] of positions()) {
      const behind = Number((this.#ends.get(partition) ?? position) - position)
      lag += Math.max(0, behind)
    }
    return lag
  }

  async #ask(): Promise<void> {
    try {
      this.#ends = await this.#options.consumer.endOffsets()
    } catch {
      // The consumer's own health says so; what was known goes on counting.
    }
  }
}

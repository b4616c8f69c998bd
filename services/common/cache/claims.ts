import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { RedisCache } from './redis.ts'

export interface ClaimsOptions {
  readonly far: Pick<RedisCache, 'claim' | 'release'>
  /** A claim of a process that died is free after so long. */
  readonly ttlMs: number
  /** Who waits longer for another's work does it itself. */
  readonly waitMs: number
  readonly everyMs: number
}

/**
 * Equal work of several replicas runs once, as far as that is cheap: one claims it, the others look for its result. Nothing depends on it. Without
 * the shared cache, or when the claimant is slow or dead, everybody works.
 */
export class Claims {
  readonly #options: ClaimsOptions
  readonly #owner = randomUUID()

  constructor(options: ClaimsOptions) {
    this.#options = options
  }

  /**
   * The result that `found` has as soon as another's work is done, or undefined when the work is ours to do; then `done` is to be called after
   * the result is kept, or the work has failed.
   */
  async wait<T>(
    key: string,
    found: () => Promise<T | undefined>,
    signal: AbortSignal,
  ): Promise<{ readonly result: T } | { readonly done: () => void }> {
    const { far, ttlMs, waitMs, everyMs } = this.#options
    const claim = `${key}:claim`
    const alone = { done: () => {} }
    const release = () => void far.release(claim, this.#owner).catch(() => {})
    const end = performance.now() + waitMs
    for (let turn = 0; performance.now() < end; turn++) {
      const ours = await far.claim(claim, this.#owner, ttlMs).catch(() => undefined)
      if (ours === undefined) return alone
      // Not before the first turn: the caller has just looked.
      const result = ours && turn === 0 ? undefined : await found()
      if (result !== undefined) {
        if (ours) release()
        return { result }
      }
      if (ours) return { done: release }
      await delay(everyMs, undefined, { signal })
    }
    return alone
  }
}

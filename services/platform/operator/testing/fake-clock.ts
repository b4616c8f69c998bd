import type { Clock } from '../api/clock.ts'

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 1_000_000
  #timers: { readonly at: number; readonly then: () => void }[] = []

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now)
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.#now + ms, then }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      const abort = () => {
        cancel()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.length
  }

  /** Jumps ahead without calling anybody, as for a process that is stopped. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Goes ahead and calls whoever is due, in order; between two, everything that can run does. */
  async tick(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#now = Math.max(this.#now, next.at)
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.then()
      await settle()
    }
    this.#now = Math.max(this.#now, end)
    await settle()
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(turns = 40): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

import { backoff, type Clock } from './api/clock.ts'

/** What became of one piece of work. `again`: do it once more after so many milliseconds, though nothing failed. */
export type Outcome = { readonly again?: number } | undefined

export interface QueueOptions {
  readonly work: (key: string) => Promise<Outcome>
  /** Keys that are worked on at once; one key never twice. */
  readonly workers: number
  readonly backoff: { readonly baseMs: number; readonly capMs: number }
  readonly clock: Clock
  readonly random?: () => number
  /** Hears of every failure, before the pause. */
  readonly failed?: (key: string, error: unknown, pauseMs: number) => void
}

/**
 * Keys that want work, each at most once, however often it is added. A key that is added while it is worked on is worked on once more
 * afterwards. One that fails waits longer each time; others do not wait for it, and nor does it itself when it is added anew after it succeeded.
 */
export class WorkQueue {
  readonly #options: QueueOptions
  readonly #waiting = new Set<string>()
  readonly #working = new Map<string, Promise<void>>()
  readonly #failures = new Map<string, number>()
  /** When a key is due later, and how that is taken back. */
  readonly #later = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  #running = true

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Keys that wait now. */
  get depth(): number {
    return this.#waiting.size
  }

  get delayed(): number {
    return this.#later.size
  }

  /** One that waits after a failure goes on waiting: what changed around it is no reason to hurry. */
  add(key: string): void {
    if (this.#failures.has(key) && this.#later.has(key)) return
    this.#put(key)
  }

  /** The earliest of several times counts. */
  addAfter(key: string, ms: number): void {
    if (!this.#running) return
    const at = this.#options.clock.now() + ms
    const known = this.#later.get(key)
    if (known && known.at <= at) return
    known?.cancel()
    const cancel = this.#options.clock.after(ms, () => {
      this.#later.delete(key)
      this.#put(key)
    })
    this.#later.set(key, { at, cancel })
  }

  /** Takes no more, and waits for what is being done. */
  async stop(): Promise<void> {
    this.#running = false
    this.#waiting.clear()
    for (const { cancel } of this.#later.values()) cancel()
    this.#later.clear()
    await Promise.all(this.#working.values())
  }

  /** Resolves when nothing waits or is worked on; what is due later does not count. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.race(this.#working.values())
  }

  #put(key: string): void {
    if (!this.#running) return
    this.#waiting.add(key)
    this.#start()
  }

  #start(): void {
    for (const key of this.#waiting) {
      if (this.#working.size >= this.#options.workers) return
      if (this.#working.has(key)) continue
      this.#waiting.delete(key)
      this.#later.get(key)?.cancel()
      this.#later.delete(key)
      const done = this.#work(key).finally(() => {
        this.#working.delete(key)
        this.#start()
      })
      this.#working.set(key, done)
    }
  }

  async #work(key: string): Promise<void> {
    const { work, failed, backoff: limits, random } = this.#options
    try {
      const outcome = await work(key)
      this.#failures.delete(key)
      if (outcome?.again !== undefined) this.addAfter(key, outcome.again)
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1
      this.#failures.set(key, failures)
      const pause = backoff(failures, limits, random)
      failed?.(key, error, pause)
      this.#waiting.delete(key)
      this.addAfter(key, pause)
    }
  }

  /** Nobody asks for the key any more. */
  forget(key: string): void {
    this.#failures.delete(key)
    this.#later.get(key)?.cancel()
    this.#later.delete(key)
  }
}

import { interrupted } from './error.ts'

/** What cannot be done any number of times at once on one machine. */
export type Slot = 'job' | 'compile' | 'modules' | 'apt'

/** Counting semaphores by name; whoever asked first gets the next free place. */
export class Slots {
  readonly #free: Map<Slot, number>
  readonly #queues = new Map<Slot, (() => void)[]>()

  constructor(sizes: Readonly<Record<Slot, number>>) {
    this.#free = new Map(Object.entries(sizes) as [Slot, number][])
  }

  /** Runs the body when a place is free. Throws EngineError INTERRUPTED when the signal aborts while it waits. */
  async use<T>(slot: Slot, signal: AbortSignal | undefined, body: () => Promise<T>): Promise<T> {
    await this.#enter(slot, signal)
    try {
      return await body()
    } finally {
      const next = this.#queues.get(slot)?.shift()
      if (next) next()
      else this.#free.set(slot, (this.#free.get(slot) as number) + 1)
    }
  }

  #enter(slot: Slot, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(interrupted(signal.reason))
    const free = this.#free.get(slot) as number
    if (free > 0) {
      this.#free.set(slot, free - 1)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(slot) ?? []
      this.#queues.set(slot, queue)
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        queue.splice(queue.indexOf(enter), 1)
        reject(interrupted(signal?.reason))
      }
      signal?.addEventListener('abort', leave, { once: true })
      queue.push(enter)
    })
  }
}

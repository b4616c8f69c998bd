import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from './deliver.ts'

export interface ReceiverLimits {
  /** Alerts that wait or are under way. */
  readonly queue: number
  readonly concurrency: number
  /** After this an alert is given up, milliseconds. */
  readonly giveUpMs: number
  /** The first pause after a failure, and the longest. Default: 1 s and 60 s. */
  readonly firstMs?: number
  readonly mostMs?: number
}

/** How it ended for one alert; `undefined`: stopped before. */
export type Ending = 'delivered' | { readonly undelivered: string; readonly attempts: number } | undefined

/** What time it is in milliseconds, and a pause that an end cuts short. */
export interface ReceiverClock {
  readonly now: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

const machineClock: ReceiverClock = {
  now: () => performance.now(),
  pause: (ms, signal) => delay(ms, undefined, { signal, ref: false }).catch(() => {}),
}

/** One receiver of one tenant: what it does or does not do holds up nobody else. */
export class Receiver {
  readonly #limits: ReceiverLimits
  readonly #random: () => number
  readonly #waiting: (() => void)[] = []
  readonly #ended = new AbortController()
  readonly #clock: ReceiverClock
  #running = 0

  constructor(limits: ReceiverLimits, random: () => number = Math.random, clock = machineClock) {
    this.#limits = limits
    this.#clock = clock
    this.#random = random
  }

  /** Alerts that wait or are under way. */
  get depth(): number {
    return this.#running + this.#waiting.length
  }

  /** Sends until it is delivered, refused or given up. `attempt` never rejects. */
  async send(attempt: () => Promise<Outcome>): Promise<Ending> {
    const { queue, concurrency, giveUpMs, firstMs = 1_000, mostMs = 60_000 } = this.#limits
    const { signal } = this.#ended
    if (this.depth >= queue) return { undelivered: 'QUEUE_FULL', attempts: 0 }
    const until = this.#clock.now() + giveUpMs
    if (this.#running >= concurrency) await new Promise<void>((go) => this.#waiting.push(go))
    this.#running++
    try {
      let reason = 'NO_TURN'
      for (let attempts = 0; !signal.aborted; attempts++) {
        if (attempts > 0 || this.#clock.now() >= until) {
          // Full jitter: receivers that come back are not met by everybody at once.
          const pause = this.#random() * Math.min(mostMs, firstMs * 2 ** attempts)
          if (this.#clock.now() + pause >= until) return { undelivered: reason, attempts }
          await this.#clock.pause(pause, signal)
          if (signal.aborted) return undefined
        }
        const outcome = await attempt()
        if (outcome.is === 'done') return 'delivered'
        reason = outcome.reason
        if (outcome.is === 'refused') return { undelivered: reason, attempts: attempts + 1 }
      }
      return undefined
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  end(): void {
    this.#ended.abort()
    for (const go of this.#waiting.splice(0)) go()
  }
}

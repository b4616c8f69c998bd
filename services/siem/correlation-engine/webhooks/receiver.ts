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
  readonly #waiting = new Set<() => void>()
  readonly #clock: ReceiverClock
  #running = 0

  constructor(limits: ReceiverLimits, random: () => number = Math.random, clock = machineClock) {
    this.#limits = limits
    this.#clock = clock
    this.#random = random
  }

  /** Alerts that wait or are under way. */
  get depth(): number {
    return this.#running + this.#waiting.size
  }

  /** Sends until it is delivered, refused, given up, or `signal` says that it is no longer ours to send. `attempt` never rejects. */
  async send(attempt: () => Promise<Outcome>, signal: AbortSignal): Promise<Ending> {
    const { queue, concurrency, giveUpMs, firstMs = 1_000, mostMs = 60_000 } = this.#limits
    if (this.depth >= queue) return { undelivered: 'QUEUE_FULL', attempts: 0 }
    const until = this.#clock.now() + giveUpMs
    if (this.#running < concurrency) this.#running++
    else if (!(await this.#turn(signal))) return undefined
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
      const [next] = this.#waiting
      if (next) next()
      else this.#running--
    }
  }

  /** Waits until somebody who has finished hands on the turn. Answers false when it is not waited for any more. */
  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (mine: boolean): void => {
        this.#waiting.delete(go)
        signal.removeEventListener('abort', leave)
        resolve(mine)
      }
      const go = (): void => end(true)
      const leave = (): void => end(false)
      if (signal.aborted) return resolve(false)
      this.#waiting.add(go)
      signal.addEventListener('abort', leave)
    })
  }
}

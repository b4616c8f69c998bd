import type { Log } from '../../common/log/log.ts'

export interface ProbeOptions {
  /** Answers undefined when all is well, otherwise a code. */
  readonly ask: (signal: AbortSignal) => Promise<string | undefined>
  readonly everyMs: number
  readonly log: Log
}

/**
 * Waits for the hot tier's first sign of life. Once seen, it stays: an outage of what all replicas share would take every one of them
 * out of service, and the caches with them, where each request can say better what is wrong.
 */
export class Probe {
  readonly #options: ProbeOptions
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #reason: string | undefined = 'The hot tier was not asked yet.'

  constructor(options: ProbeOptions) {
    this.#options = options
  }

  /** Why not to route work here; undefined once the hot tier has answered. */
  get reason(): string | undefined {
    return this.#reason
  }

  start(): void {
    void this.#ask()
  }

  stop(): void {
    this.#abort.abort(new Error('The probe stops.'))
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    const { ask, everyMs, log } = this.#options
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(everyMs * 2)])
    const code = await ask(signal).catch(() => 'FAILED')
    if (this.#abort.signal.aborted) return
    if (code === undefined) {
      this.#reason = undefined
      log.info('The hot tier answers.')
      return
    }
    const reason = `The hot tier has no table of events for us yet (${code}).`
    if (reason !== this.#reason) log.info('Waiting for the hot tier.', { code })
    this.#reason = reason
    this.#timer = setTimeout(() => void this.#ask(), everyMs)
  }
}

import type { Log } from '../log/log.ts'

export type Phase = 'starting' | 'running' | 'stopping' | 'stopped'

/** Says why the process cannot serve now, or nothing. */
export type ReadinessCheck = () => string | undefined

export interface LifecycleOptions {
  readonly log: Log
  /** All stops together may take this long, milliseconds; then the process ends anyway. */
  readonly deadlineMs: number
  /** Between 'not ready' and the first stop: routers need a moment to look elsewhere. Milliseconds. */
  readonly drainMs?: number
  readonly exit?: (code: number) => void
}

/** A process from boot to exit: readiness, signals, and an ordered stop. */
export class Lifecycle {
  readonly #options: LifecycleOptions
  readonly #stops: { readonly name: string; readonly stop: () => unknown }[] = []
  readonly #checks = new Map<string, ReadinessCheck>()
  #phase: Phase = 'starting'
  #stopping: Promise<number> | undefined

  constructor(options: LifecycleOptions) {
    this.#options = options
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Stops run one after the other, the last registered first. */
  onStop(name: string, stop: () => unknown): void {
    this.#stops.push({ name, stop })
  }

  /** A condition of readiness. */
  check(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check)
  }

  /** Everything has started: ready as far as the checks agree. */
  started(): void {
    if (this.#phase === 'starting') this.#phase = 'running'
  }

  /** Whether to route work here; the reasons speak for themselves. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] } {
    if (this.#phase !== 'running') return { ready: false, reasons: [`The process is ${this.#phase}.`] }
    const reasons = [...this.#checks].flatMap(([name, check]) => {
      const reason = check()
      return reason === undefined ? [] : [`${name}: ${reason}`]
    })
    return { ready: reasons.length === 0, reasons }
  }

  /** Stops on SIGTERM and SIGINT; a second signal ends at once. What nobody caught ends the process with 1. */
  handleSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        if (this.#stopping) return this.#exit(1)
        this.#options.log.info(`${signal}: stopping.`)
        void this.stop()
      })
    const fatal = (what: string) => (error: unknown) => {
      this.#options.log.error(`${what}: stopping.`, { error, stack: (error as Error)?.stack })
      void this.stop(1)
    }
    process.on('uncaughtException', fatal('Uncaught exception'))
    process.on('unhandledRejection', fatal('Unhandled rejection'))
  }

  /** Runs the stops within the deadline, then exits with `code` (1 when a stop failed or the deadline passed). */
  stop(code = 0): Promise<number> {
    this.#stopping ??= this.#stop(code)
    return this.#stopping
  }

  async #stop(code: number): Promise<number> {
    const { log, deadlineMs, drainMs = 0 } = this.#options
    this.#phase = 'stopping'
    let result = code
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs)
    })
    const stops = async () => {
      if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs))
      for (const { name, stop } of this.#stops.toReversed()) {
        try {
          await stop()
        } catch (error) {
          result = 1
          log.error(`Stopping ${name} failed.`, { error })
        }
      }
    }
    if ((await Promise.race([stops(), late])) === 'late') {
      result = 1
      log.error(`Not everything stopped within ${deadlineMs} ms; ending anyway.`)
    }
    clearTimeout(timer)
    this.#phase = 'stopped'
    log.info('Stopped.', { code: result })
    this.#exit(result)
    return result
  }

  #exit(code: number): void {
    const exit = this.#options.exit ?? ((status: number) => process.exit(status))
    exit(code)
  }
}

import type { Log } from '../../common/log/log.ts'
import type { Series } from '../../common/prometheus/prometheus.ts'
import { type Forecast, Forecaster } from './model/forecaster.ts'
import type { Subject } from './plan.ts'

/** Reads a series at steps. `Prometheus` does. */
export interface StepSource {
  steps(
    expression: string,
    range: { readonly from: number; readonly to: number; readonly step: number },
    signal: AbortSignal,
  ): Promise<readonly Series[]>
}

/** What Prometheus answers at most in one series, with room: a week of minutes. */
const stepsPerRead = 10_080

/** How far back a new process looks, in steps: two of the longest season. */
const historySteps = 20_160

/** After so many steps without an interruption others get the processor: a new process has weeks to learn from. */
const stepsAtOnce = 250

/** The word for a gate that is shut because what is known is old, beside those of the forecast. */
export const stale = 'stale'

/** A forecast older than this many steps is none. */
const freshSteps = 2

/** A forecaster that follows its series in Prometheus: at first through the history, then step by step. What could not be read is read at the next look. */
export class Follower {
  readonly subject: Subject
  readonly #forecaster: Forecaster
  readonly #source: StepSource
  readonly #stepMs: number
  /** The end of the last step observed, milliseconds; undefined before the first. */
  #until: number | undefined

  constructor(subject: Subject, source: StepSource) {
    this.subject = subject
    this.#source = source
    this.#forecaster = new Forecaster(subject.options)
    this.#stepMs = subject.options.stepSeconds * 1_000
  }

  /** Observes every step that has ended before `now`. Throws what the source throws; what was observed until then stays. */
  async catchUp(now: number, signal: AbortSignal): Promise<void> {
    const step = this.#stepMs
    const last = Math.floor(now / step) * step
    let next = this.#until === undefined ? last - (historySteps - 1) * step : this.#until + step
    // A process that slept for longer than the history begins there, with a gap.
    next = Math.max(next, last - (historySteps - 1) * step)
    while (next <= last) {
      const to = Math.min(last, next + (stepsPerRead - 1) * step)
      const found = await this.#source.steps(this.subject.query, { from: next, to, step }, signal)
      const values = new Map(found[0]?.samples.map(([at, value]) => [Math.round(at * 1_000), value]) ?? [])
      for (let at = next, count = 0; at <= to; at += step) {
        // Nothing is known of the time before the first sample: no gap, no beginning.
        if (this.#until === undefined && !values.has(at)) continue
        this.#forecaster.observe(values.get(at))
        this.#until = at
        if (++count % stepsAtOnce === 0) await new Promise((resolve) => setImmediate(resolve))
        signal.throwIfAborted()
      }
      next = to + step
    }
  }

  /** Milliseconds since the end of the last step observed; Infinity before the first. */
  age(now: number): number {
    return this.#until === undefined ? Number.POSITIVE_INFINITY : now - this.#until
  }

  /** The forecast, as long as it is fresh. */
  forecast(now: number): Forecast | undefined {
    return this.age(now) <= freshSteps * this.#stepMs ? this.#forecaster.forecast() : undefined
  }
}

/** Looks once a step for as long as the process lives. `failed` is told of every look that could not be finished, and why. */
export async function follow(
  followers: readonly Follower[],
  {
    log,
    signal,
    now,
    wait,
    failed,
  }: {
    readonly log: Log
    readonly signal: AbortSignal
    readonly now: () => number
    /** Resolves after so many milliseconds, or rejects when the signal fires. */
    readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>
    readonly failed: (service: string) => void
  },
  everyMs: number,
): Promise<void> {
  while (!signal.aborted) {
    for (const follower of followers) {
      const { service, metric } = follower.subject
      try {
        await follower.catchUp(now(), signal)
      } catch (error) {
        if (signal.aborted) return
        failed(service)
        log.warn('The history of a metric cannot be read; the next look reads it.', { service, metric, error })
      }
    }
    await wait(everyMs, signal).catch(() => {})
  }
}

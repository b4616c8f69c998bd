import type { Log } from '../../common/log/log.ts'
import type { Series } from '../../common/prometheus/prometheus.ts'
import { type Forecast, Forecaster } from './model/forecaster.ts'
import type { Subject } from './plan.ts'

/** Reads an expression at steps, milliseconds; a step without a value is left out. `Prometheus` does. */
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

/** Series that are followed at most: of a metric with more, the first in Prometheus' order. */
const mostSeries = 64

/** One series: its forecaster, and the steps since its last value. */
interface Followed {
  readonly forecaster: Forecaster
  silent: number
}

/**
 * A forecaster for each series of a subject, which follows it in Prometheus: at first through the history, then step by step. What could not be read is
 * read at the next look.
 */
export class Follower {
  readonly subject: Subject
  /** By the value of the subject's label; '' where it has none. */
  readonly #followed = new Map<string, Followed>()
  readonly #source: StepSource
  readonly #stepMs: number
  /** The end of the last step observed, milliseconds; undefined before the first. */
  #until: number | undefined

  constructor(subject: Subject, source: StepSource) {
    this.subject = subject
    this.#source = source
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
      const values = this.#values(found)
      for (let at = next, count = 0; at <= to; at += step) {
        this.#begin(values, at)
        // Nothing is known of the time before the first sample: no gap, no beginning.
        if (this.#until === undefined && this.#followed.size === 0) continue
        this.#observe(values, at)
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

  /** The forecast of each series, by the value of the subject's label, as long as they are fresh; otherwise none. */
  forecasts(now: number): ReadonlyMap<string, Forecast> {
    if (this.age(now) > freshSteps * this.#stepMs) return new Map()
    return new Map([...this.#followed].map(([of, { forecaster }]) => [of, forecaster.forecast()]))
  }

  /** One of them: that of the only series where the subject has no label. */
  forecast(now: number, of = ''): Forecast | undefined {
    return this.forecasts(now).get(of)
  }

  #values(found: readonly Series[]): ReadonlyMap<string, ReadonlyMap<number, number>> {
    const { by } = this.subject
    return new Map(
      found.map(({ labels, samples }) => [
        by === undefined ? '' : (labels[by] ?? ''),
        new Map(samples.map(([at, value]) => [Math.round(at * 1_000), value])),
      ]),
    )
  }

  #begin(values: ReadonlyMap<string, ReadonlyMap<number, number>>, at: number): void {
    for (const [of, samples] of values) {
      if (this.#followed.has(of) || !samples.has(at) || this.#followed.size >= mostSeries) continue
      this.#followed.set(of, { forecaster: new Forecaster(this.subject.options), silent: 0 })
    }
  }

  #observe(values: ReadonlyMap<string, ReadonlyMap<number, number>>, at: number): void {
    for (const [of, followed] of this.#followed) {
      const value = values.get(of)?.get(at)
      followed.forecaster.observe(value)
      followed.silent = value === undefined ? followed.silent + 1 : 0
      // What is gone for longer than the history would not be known to a new process either.
      if (followed.silent >= historySteps) this.#followed.delete(of)
    }
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

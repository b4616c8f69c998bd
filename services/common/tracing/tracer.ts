import type { Metrics } from '../metrics/metrics.ts'
import { newId, parseTraceparent, type TraceContext } from './context.ts'
import { Sampler, type SamplerOptions } from './sampler.ts'
import { Span, type SpanHome, type SpanOptions } from './span.ts'

export interface TracerOptions extends SamplerOptions {
  /** Takes what has ended, and answers at once. */
  readonly export: (span: Span) => void
  /** Told of each choice: begun, or left out because of the ceiling. */
  readonly chosen?: (result: 'begun' | 'ceiling') => void
}

/** A step of the machine's clock that is more than its grain, milliseconds. */
const stepMs = 2

/** Begins traces here, and goes on with those of others. Without options it never does either. */
export class Tracer implements SpanHome {
  readonly #options: TracerOptions | undefined
  readonly #sampler: Sampler | undefined
  /** How many come until the next choice. */
  #left = Number.POSITIVE_INFINITY
  #drift = 0

  constructor(options?: TracerOptions) {
    this.#options = options
    if (options === undefined) return
    this.#sampler = new Sampler(options)
    this.#left = this.#sampler.gap()
  }

  /**
   * The first span of a trace for one request in many; undefined for the others, for whom this is one comparison. Of `traceparent`, which anybody may
   * have written, the trace's id is kept and its sender's span is a link: whether there is a trace is decided here alone.
   */
  begin(name: string, headers?: { readonly [name: string]: unknown }, options?: SpanOptions): Span | undefined {
    if (--this.#left > 0) return undefined
    return this.#begin(name, headers?.traceparent, options)
  }

  #begin(name: string, traceparent: unknown, options: SpanOptions | undefined): Span | undefined {
    const sampler = this.#sampler!
    this.#left = sampler.gap()
    const goes = sampler.take()
    this.#options!.chosen?.(goes ? 'begun' : 'ceiling')
    if (!goes) return undefined
    const sender = parseTraceparent(traceparent)
    const of = { traceId: sender?.traceId ?? newId(16), parent: undefined, links: sender ? [sender] : [] }
    return new Span(this, name, of, options)
  }

  /** The place in a trace that a record of ours comes from; undefined for none, and where nothing is traced. */
  origin(traceparent: string | undefined): TraceContext | undefined {
    return traceparent === undefined || this.#options === undefined ? undefined : parseTraceparent(traceparent)
  }

  /** A part of what began elsewhere. */
  follow({ traceId, spanId }: TraceContext, name: string, options?: SpanOptions): Span {
    return new Span(this, name, { traceId, parent: spanId }, options)
  }

  /** The machine's time, finer, and without its small steps. */
  now(): number {
    const fine = performance.timeOrigin + performance.now()
    const drift = Date.now() - fine
    if (Math.abs(drift - this.#drift) > stepMs) this.#drift = drift
    return fine + this.#drift
  }

  /** A time of `performance.now()` as `now` would have told it. */
  at(performanceMs: number): number {
    return this.now() - (performance.now() - performanceMs)
  }

  ended(span: Span): void {
    this.#options?.export(span)
  }
}

/** For a process that traces nothing. */
export const untraced = new Tracer()

/** Counts choices. */
export function choiceCounter(metrics: Metrics): NonNullable<TracerOptions['chosen']> {
  const counter = metrics.counter<'result'>(
    'nd_traces_total',
    'Requests chosen for a trace: begun, or left out because of the ceiling.',
    ['result'],
  )
  return (result) => counter.inc({ result })
}

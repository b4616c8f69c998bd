import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { exportRequest } from './otlp.ts'
import type { Attributes, Span } from './span.ts'

/** How one attempt to hand a request over ended. `rejected`: spans of it that the other side did not want. */
export type Outcome =
  | { readonly is: 'taken'; readonly rejected: number }
  | { readonly is: 'later'; readonly reason: string; readonly afterMs?: number }
  | { readonly is: 'never'; readonly reason: string }

/** Where spans go: takes an ExportTraceServiceRequest in JSON. Never rejects, but may be ended by `signal`. */
export interface Destination {
  send(request: string, signal: AbortSignal): Promise<Outcome>
  close(): void
}

/** Why spans were never exported: nobody there in time, not wanted there, no room here, or the end of the process. */
export type Loss = 'unavailable' | 'refused' | 'full' | 'stopped'

export interface SpanCounts {
  exported(spans: number): void
  dropped(why: Loss, spans: number): void
}

export interface ExporterOptions {
  readonly destination: Destination
  /** Who tells: attributes of the process. */
  readonly resource: Attributes
  readonly limits: {
    readonly waiting: number
    readonly batch: number
    readonly lingerMs: number
    readonly timeoutMs: number
    readonly giveUpMs: number
  }
  readonly counts: SpanCounts
  readonly log: Log
}

const firstPauseMs = 200
const longestPauseMs = 5_000

/** Hands ended spans over, a batch at a time, beside the work that they tell of: `add` never waits and never throws; what finds no room is dropped and counted. */
export class SpanExporter {
  readonly #options: ExporterOptions
  readonly #stop = new AbortController()
  /** Ends pauses. */
  readonly #hurry = new AbortController()
  #waiting: Span[] = []
  /** Of the batch that is under way. */
  #underWay = 0
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> | undefined
  #warned = false

  constructor(options: ExporterOptions) {
    this.#options = options
  }

  /** Spans that are neither exported nor dropped. */
  get waiting(): number {
    return this.#waiting.length + this.#underWay
  }

  add(span: Span): void {
    const { limits, counts } = this.#options
    if (this.#stop.signal.aborted) counts.dropped('stopped', 1)
    else if (this.waiting >= limits.waiting) counts.dropped('full', 1)
    else {
      this.#waiting.push(span)
      if (this.#waiting.length >= limits.batch) this.#begin()
      else this.#timer ??= setTimeout(() => this.#begin(), limits.lingerMs).unref()
    }
  }

  /** Hands over what waits, within the time; what is then left is dropped. */
  async close(graceMs: number): Promise<void> {
    this.#hurry.abort()
    const timer = setTimeout(() => this.#stop.abort(), graceMs)
    while (this.waiting > 0) {
      this.#begin()
      await this.#working
    }
    clearTimeout(timer)
    this.#stop.abort()
    this.#options.destination.close()
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#working ??= this.#run().finally(() => {
      this.#working = undefined
    })
  }

  async #run(): Promise<void> {
    const { limits } = this.#options
    // Everything that is there; what comes meanwhile waits for its own linger, unless it is a batch.
    for (let left = this.#waiting.length; left > 0 || this.#waiting.length >= limits.batch; left -= limits.batch) {
      const batch = this.#waiting.splice(0, limits.batch)
      if (batch.length === 0) return
      this.#underWay = batch.length
      await this.#deliver(batch)
      this.#underWay = 0
    }
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#begin(), limits.lingerMs).unref()
  }

  async #deliver(batch: readonly Span[]): Promise<void> {
    const { destination, resource, limits, counts } = this.#options
    const request = exportRequest(resource, batch)
    const until = performance.now() + limits.giveUpMs
    for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
      if (this.#stop.signal.aborted) return counts.dropped('stopped', batch.length)
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(limits.timeoutMs)])
      const outcome = await destination.send(request, signal)
      if (outcome.is === 'taken') return this.#taken(batch.length, outcome.rejected)
      if (outcome.is === 'never') return this.#lost('refused', batch.length, outcome.reason)
      const wait = Math.max(pause, outcome.afterMs ?? 0) * (0.5 + Math.random() / 2)
      // At the end of the process there is no time to see whether it gets better.
      if (this.#hurry.signal.aborted || performance.now() + wait > until)
        return this.#lost('unavailable', batch.length, outcome.reason)
      await delay(wait, undefined, { signal: this.#hurry.signal, ref: false }).catch(() => {})
    }
  }

  #taken(spans: number, rejected: number): void {
    const { counts } = this.#options
    this.#warned = false
    const refused = Math.min(spans, Math.max(0, rejected))
    counts.exported(spans - refused)
    if (refused > 0) this.#lost('refused', refused, 'Part of an export was not taken.')
  }

  #lost(why: Loss, spans: number, reason: string): void {
    const { counts, log } = this.#options
    counts.dropped(why, spans)
    // Once, and again after something went well: the counter says how many.
    log[this.#warned ? 'debug' : 'warn']('Spans were not exported; they are dropped.', { why, reason, spans })
    this.#warned = true
  }
}

/** nd_trace_spans_total and nd_trace_queue_spans. */
export function spanCounts(metrics: Metrics, waiting: () => number): SpanCounts {
  metrics.gauge('nd_trace_queue_spans', 'Spans that wait to be exported.', { read: waiting })
  const spans = metrics.counter<'result'>(
    'nd_trace_spans_total',
    'Ended spans: exported, or dropped because nobody took them in time (unavailable), because they were not wanted (refused), for want of room (full), or at the end of the process (stopped).',
    ['result'],
  )
  return {
    exported: (count) => spans.inc({ result: 'exported' }, count),
    dropped: (why, count) => spans.inc({ result: why }, count),
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { type Alert, alertIdOf, encodeAlert } from '../../common/alerts/alert.ts'
import type { OutgoingRecord, Producer, Reader } from '../../common/bus/bus.ts'
import { BusError } from '../../common/bus/errors.ts'
import { maxValueBytes } from '../../common/bus/outbox.ts'
import type { Log } from '../../common/log/log.ts'
import { slotKey } from '../../common/sharding/slot.ts'
import { codeOf, kafkaAttributes, type Span } from '../../common/tracing/span.ts'
import { RecentIds } from './recent-ids.ts'
import type { RecordTrace } from './record-trace.ts'

export interface PublisherOptions {
  readonly partition: number
  readonly producer: Pick<Producer, 'send'>
  /** Of the topic `alerts`. */
  readonly reader: Pick<Reader, 'toEnd'>
  /** Alerts that are remembered beside those that are read again. */
  readonly remembered: number
  readonly log: Log
  readonly counts: {
    published(alert: Alert, waitedMs: number): void
    repeated(): void
    failed(reason: string): void
  }
  /** After a failure, milliseconds: first and longest pause. */
  readonly pause?: { readonly firstMs: number; readonly mostMs: number }
}

interface Waiting {
  readonly alert: Alert
  readonly record: OutgoingRecord
  /** Where it is in a trace. */
  readonly span: Span | undefined
}

const topic = 'alerts'
/** Of one request: a pause of the brokers must not make the next one huge. */
const mostRecords = 2_000
const mostBytes = 2 * 2 ** 20

/**
 * Writes the alerts of one partition, each id once: what the topic holds already is left out. One request is under way at a time; what comes
 * meanwhile goes with the next, so that nothing waits for a timer and order is kept.
 */
export class AlertPublisher {
  readonly #options: PublisherOptions
  readonly #ids: RecentIds
  readonly #ended = new AbortController()
  #queue: Waiting[] = []
  #bytes = 0
  #working: Promise<void> | undefined
  #learning = 0
  /** No alert that may be on its way has a smaller offset. */
  #from = 0n

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#ids = new RecentIds(options.remembered)
  }

  /** Alerts that are not acknowledged. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Reads the ids from `from` on, and some before it: these are not written again. Before the first `add`. */
  async recover(from: bigint): Promise<void> {
    const { partition, reader, remembered } = this.#options
    const before = from - BigInt(remembered)
    this.#from = await reader.toEnd(partition, before > 0n ? before : 0n, (records) => this.#remember(records), {
      signal: this.#ended.signal,
    })
  }

  /**
   * Reads the ids from `from` on, and some before it, while others are written: they are those of a slot that another shard had. `then` takes the slot
   * on before any of them may be forgotten.
   */
  async learn<T>(from: bigint, then: () => T): Promise<T> {
    const { partition, reader, remembered } = this.#options
    const before = from - BigInt(remembered)
    this.#learning++
    try {
      await reader.toEnd(partition, before > 0n ? before : 0n, (records) => this.#remember(records), {
        signal: this.#ended.signal,
      })
      return then()
    } finally {
      this.#learning--
    }
  }

  /** No slot looks again at what was looked at before: the ids that were read for that need not be kept any more. */
  caughtUp(): void {
    if (this.#learning === 0) this.#ids.settle()
  }

  /** Takes an alert of a slot's event; one that was written already is let pass. `trace`: of the record that it was found in. */
  add(slot: number, alert: Alert, trace?: Pick<RecordTrace, 'alert'>): void {
    if (this.#ended.signal.aborted) return
    if (!this.#ids.add(alert.id)) {
      this.#options.counts.repeated()
      return
    }
    const record = { topic, partition: this.#options.partition, key: slotKey(slot), value: bounded(alert) } as const
    const span = trace?.alert(alert)
    this.#queue.push(
      span === undefined
        ? { alert, record, span }
        : { alert, record: { ...record, traceparent: span.traceparent }, span },
    )
    this.#bytes += record.value.length
    this.#working ??= this.#run()
  }

  /** Resolves when all that was added is acknowledged. Rejects with BusError `CLOSED` at the end. */
  async drained(): Promise<void> {
    while (this.#working) await this.#working
    if (this.#ended.signal.aborted) throw new BusError('CLOSED', 'The partition is not ours any more.')
  }

  /** Everything up to `end` is known to be written: what is looked for after a failure has this offset at least. */
  settle(end: bigint): void {
    if (this.#queue.length === 0 && end > this.#from) this.#from = end
  }

  /** What is not yet sent is left to whoever owns the partition next. */
  end(): void {
    this.#ended.abort(new BusError('CLOSED', 'The partition is not ours any more.'))
    this.#queue = []
    this.#bytes = 0
  }

  async #run(): Promise<void> {
    // What one run of the detector finds goes together.
    await Promise.resolve()
    const { firstMs, mostMs } = this.#options.pause ?? { firstMs: 100, mostMs: 5_000 }
    let failures = 0
    try {
      while (this.#queue.length > 0 && !this.#ended.signal.aborted) {
        const some = this.#next()
        const told = publishing(some)
        try {
          await this.#options.producer.send(some.map(({ record }) => record))
          for (const span of told) span.finish()
          this.#done(new Set(some))
          failures = 0
        } catch (error) {
          for (const span of told) span.fail(codeOf(error)).finish()
          await this.#failed(some, error, Math.min(mostMs, firstMs * 2 ** failures++))
        }
      }
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error
    } finally {
      this.#working = undefined
    }
  }

  #next(): readonly Waiting[] {
    if (this.#queue.length <= mostRecords && this.#bytes <= mostBytes) return [...this.#queue]
    const some: Waiting[] = []
    let size = 0
    for (const waiting of this.#queue) {
      size += waiting.record.value.length
      if (some.length > 0 && (size > mostBytes || some.length >= mostRecords)) break
      some.push(waiting)
    }
    return some
  }

  #done(gone: ReadonlySet<Waiting>): void {
    const now = Date.now()
    for (const { alert, span } of gone) {
      this.#options.counts.published(alert, now - alert.detected)
      span?.finish()
    }
    this.#leave(gone)
  }

  #leave(gone: ReadonlySet<Waiting>): void {
    this.#queue = this.#queue.filter((waiting) => !gone.has(waiting))
    this.#bytes = this.#queue.reduce((sum, { record }) => sum + record.value.length, 0)
  }

  /** Some may have been written all the same: looks before they are sent again. */
  async #failed(some: readonly Waiting[], error: unknown, pauseMs: number): Promise<void> {
    const { counts, log, partition, reader } = this.#options
    const { signal } = this.#ended
    if (!(error instanceof BusError) || !error.retryable) throw error
    counts.failed(error.code)
    log.warn('Alerts could not be written; trying again.', { error, alerts: some.length })
    await delay(pauseMs, undefined, { signal })
    if (error.code === 'BACK_PRESSURE') return
    const there = new Set<string>()
    await reader.toEnd(
      partition,
      this.#from,
      (records) => {
        for (const { value } of records) {
          const id = alertIdOf(value)
          if (id !== undefined) there.add(id)
        }
      },
      { signal },
    )
    this.#leave(new Set(some.filter(({ alert }) => there.has(alert.id))))
  }

  #remember(records: readonly { readonly value: Buffer }[]): void {
    for (const { value } of records) {
      const id = alertIdOf(value)
      if (id !== undefined) this.#ids.recover(id)
    }
  }
}

/** A span for each attempt to write an alert that is in a trace. */
function publishing(some: readonly Waiting[]): readonly Span[] {
  const spans: Span[] = []
  for (const { span } of some)
    if (span !== undefined) spans.push(span.child('publish', { kind: 'producer', attributes: kafkaAttributes(topic) }))
  return spans
}

/** The value of an alert's record: without the event, then without the group's values, where it is too long. */
function bounded(alert: Alert): Buffer {
  const most = maxValueBytes(topic)
  const whole = encodeAlert(alert)
  if (whole.length <= most) return whole
  const { event: _, ...bare } = alert
  const less = encodeAlert(bare)
  return less.length <= most ? less : encodeAlert({ ...bare, group: {}, events: bare.events.slice(-1) })
}

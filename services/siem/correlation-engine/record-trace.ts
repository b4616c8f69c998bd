import type { Alert } from '../../common/alerts/alert.ts'
import type { ConsumedRecord } from '../../common/bus/bus.ts'
import type { TraceContext } from '../../common/tracing/context.ts'
import type { Span } from '../../common/tracing/span.ts'
import type { Tracer } from '../../common/tracing/tracer.ts'
import { waited } from '../../common/tracing/wait.ts'

/** Where a record comes from, and who looks at it. */
export interface TracedRecord {
  readonly topic: string
  readonly partition: number
  readonly record: ConsumedRecord
  readonly slot: number
  /** Whether its slot is this shard's own, or looked after for a move. */
  readonly mode: string
}

/** How long a record waited in Kafka until now. */
export const waitedRecord = (
  tracer: Tracer,
  origin: TraceContext,
  { topic, record: { timestamp, offset }, partition }: Pick<TracedRecord, 'topic' | 'record' | 'partition'>,
): void =>
  waited(tracer, origin, {
    topic,
    timestamp,
    attributes: { 'messaging.destination.partition.id': `${partition}`, 'messaging.kafka.offset': Number(offset) },
  })

/** The spans of one record that is in a trace: how long it waited in Kafka, how it was correlated, its first alerts. */
export class RecordTrace {
  readonly #span: Span
  readonly #mostAlerts: number
  #part: Span
  #alerts = 0

  constructor(tracer: Tracer, origin: TraceContext, of: TracedRecord, mostAlerts: number) {
    this.#mostAlerts = mostAlerts
    waitedRecord(tracer, origin, of)
    this.#span = tracer.follow(origin, 'correlate', { attributes: { 'nd.slot': of.slot, 'nd.mode': of.mode } })
    this.#part = this.#span.child('decode')
  }

  /** Its events are there; rules are asked from here on. */
  decoded(): void {
    this.#part.finish()
    this.#part = this.#span.child('evaluate')
  }

  /** It could not be read, or `events` of it were looked at. */
  finish(events: number): void {
    this.#part.finish()
    this.#span.set({ 'nd.events': events }).finish()
  }

  /** From an alert that is made to its acknowledgement; undefined beyond the first ones. */
  alert({ id, level, kind, rule }: Alert): Span | undefined {
    if (this.#alerts++ >= this.#mostAlerts) return undefined
    const attributes = { 'nd.alert.id': id, 'nd.alert.level': level, 'nd.alert.kind': kind, 'nd.rule': rule }
    return this.#span.child('alert', { attributes })
  }
}

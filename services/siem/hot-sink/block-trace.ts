import { codeOf, type Span } from '../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../common/tracing/tracer.ts'
import { waited } from '../../common/tracing/wait.ts'
import { type RecordOrigin, rowsOf, type WaitingRecord } from './record.ts'

interface Traced {
  readonly origin: RecordOrigin
  readonly record: WaitingRecord
}

/**
 * The spans of a block's records that are in traces: how long each waited in Kafka and for its block, and how the block was stored. Undefined for a block
 * that has none, which is nearly every one.
 */
export class BlockTrace {
  readonly #spans: readonly Span[]
  #parts: readonly Span[] = []

  private constructor(spans: readonly Span[]) {
    this.#spans = spans
  }

  static of(
    records: readonly WaitingRecord[],
    { topic, tracer = untraced }: { readonly topic: string; readonly tracer?: Tracer },
  ): BlockTrace | undefined {
    const traced: Traced[] = []
    for (const record of records) if (record.trace !== undefined) traced.push({ origin: record.trace, record })
    if (traced.length === 0) return undefined
    return new BlockTrace(
      traced.map(({ origin: { at, timestamp }, record }) => {
        const taken = tracer.at(record.takenAt)
        waited(tracer, at, { topic, timestamp, until: taken })
        tracer.follow(at, 'gather block', { start: taken }).finish()
        return tracer.follow(at, 'store', { attributes: { 'nd.rows': rowsOf(record), 'nd.records': records.length } })
      }),
    )
  }

  /** The part of the work that begins now. */
  begin(name: 'look up' | 'make rows' | 'insert'): void {
    this.#end()
    this.#parts = this.#spans.map((span) => span.child(name))
  }

  /** It is to be done again. */
  failed(error: unknown): void {
    for (const part of this.#parts) part.fail(codeOf(error))
    this.#end()
  }

  finish(): void {
    this.#end()
    for (const span of this.#spans) span.finish()
  }

  #end(): void {
    for (const part of this.#parts) part.finish()
    this.#parts = []
  }
}

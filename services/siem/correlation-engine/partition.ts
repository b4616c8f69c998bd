import { setImmediate as macrotask } from 'node:timers/promises'
import type { Committed, ConsumedRecord, Producer, Reader } from '../../common/bus/bus.ts'
import type { Log } from '../../common/log/log.ts'
import { slotOfKey } from '../../common/sharding/place-key.ts'
import { type Tracer, untraced } from '../../common/tracing/tracer.ts'
import type { Detector } from './detector.ts'
import type { EngineCounts } from './metrics.ts'
import { restorePoint, startOf } from './positions.ts'
import type { AlertPublisher } from './publisher.ts'
import { RecordTrace } from './record-trace.ts'
import { newSlot, type Slot } from './slot.ts'
import type { SnapshotFold } from './slot-snapshot.ts'
import { StateTail } from './state-tail.ts'

export interface PartitionOptions {
  readonly partition: number
  readonly committed: Committed | undefined
  readonly detector: Detector
  readonly publisher: AlertPublisher
  readonly producer: Pick<Producer, 'send'>
  readonly readers: { readonly events: Pick<Reader, 'toEnd' | 'endOffsets'>; readonly state: Pick<Reader, 'toEnd'> }
  /** Commits for this partition; rejects with FENCED once it is another process's. */
  readonly commit: (offset: bigint, metadata: string) => Promise<void>
  /** Alerts that may wait before nothing more is read. */
  readonly mostWaiting: number
  /** Default: nothing is traced. `alerts`: of one record that get spans. */
  readonly tracing?: { readonly tracer: Tracer; readonly alerts: number }
  readonly counts: EngineCounts
  readonly log: Log
}

/** So long is worked at a time before others have their turn: alerts go out, and the brokers are answered. Milliseconds. */
const turnMs = 5
/** The arrival clock goes in whole steps of this, so that a replay sees the same. Milliseconds. */
const tickMs = 1_000

/**
 * One partition of events.raw, for the slots of it that this shard looks after: records come in, alerts go to the publisher. How it is saved, and
 * why no alert is lost or written twice: see saving.ts.
 */
export class Partition {
  readonly options: PartitionOptions
  readonly #slots = new Map<number, Slot>()
  readonly #ended = new AbortController()
  #position: bigint | undefined
  #clock = 0

  constructor(options: PartitionOptions) {
    this.options = options
    this.#position = options.committed?.offset
  }

  get slots(): ReadonlyMap<number, Slot> {
    return this.#slots
  }

  /** The next record to look at; undefined before the first of a partition that was never committed. */
  get position(): bigint | undefined {
    return this.#position
  }

  get ended(): boolean {
    return this.#ended.signal.aborted
  }

  /** Takes slots on where they were left, before the first record. `wanted`: slot → epoch; `fold`: their snapshots. */
  async restore(wanted: ReadonlyMap<number, number>, fold: SnapshotFold): Promise<void> {
    const { publisher, committed } = this.options
    const points: bigint[] = []
    const until = await this.eventsEnd()
    for (const [id, epoch] of wanted) {
      const found = fold.of(id)
      const slot = this.takeOn(id, epoch, startOf(found, epoch, committed), fold)
      slot.behind = committed !== undefined && slot.next < committed.offset
      const alerts = restorePoint(found, epoch, committed)
      slot.again = { until, alerts }
      points.push(alerts)
      fold.drop(id)
    }
    await publisher.recover(points.length > 0 ? least(points) : 0n)
    await this.catchUp([...this.#slots.values()].filter(({ behind }) => behind))
  }

  /** A look into `correlation.state` for some slots. */
  tail(wanted: (slot: number) => boolean): StateTail {
    return new StateTail(this.options.readers.state, this.options.partition, wanted)
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  /** Makes a slot out of its newest snapshot, or anew. */
  takeOn(id: number, epoch: number, next: bigint, fold: SnapshotFold): Slot {
    const slot = newSlot(id, epoch, next)
    const found = fold.of(id)
    if (found) {
      const trouble = this.options.detector.restore(slot, found.state)
      if (trouble !== undefined) {
        this.options.counts.failed('SNAPSHOT')
        this.options.log.error('A snapshot cannot be used; its slot begins anew.', { slot: id, trouble })
      }
      slot.saved = found.epoch === epoch ? (slot.correlator?.changes ?? 0) : undefined
      slot.side = fold.sideFor(id)
    }
    this.#slots.set(id, slot)
    return slot
  }

  /** The end of the partition's events now: whoever had the slots before has looked at nothing beyond it. */
  async eventsEnd(): Promise<bigint> {
    return (await this.options.readers.events.endOffsets()).get(this.options.partition) ?? 0n
  }

  /** Whether a slot of ours may still find what a process before this one has found. */
  get looksAgain(): boolean {
    const position = this.#position ?? 0n
    return [...this.#slots.values()].some(
      ({ mode, behind, again }) => mode === 'own' && again !== undefined && (behind || position < again.until),
    )
  }

  drop(id: number): void {
    this.#slots.delete(id)
  }

  /** Looks at records in order, for as long as the partition is ours. */
  async take(records: readonly ConsumedRecord[], signal: AbortSignal): Promise<void> {
    let began = performance.now()
    for (const record of records) {
      if (signal.aborted || this.ended) return
      this.#look(record)
      if (performance.now() - began < turnMs) continue
      await this.#others()
      began = performance.now()
    }
  }

  /** Lets others work; waits while too many alerts are not acknowledged. */
  async #others(): Promise<void> {
    const { publisher, mostWaiting } = this.options
    await macrotask()
    if (publisher.waiting > mostWaiting) await publisher.drained().catch(() => {})
  }

  #look(record: ConsumedRecord): void {
    const { offset, timestamp } = record
    if (this.#position !== undefined && offset < this.#position) return
    this.#tick(timestamp, ({ behind, next }) => !behind && next <= offset)
    const slot = this.#slotOf(record)
    if (slot && !slot.behind) this.#detect(slot, record)
    this.#position = offset + 1n
  }

  #slotOf({ key }: ConsumedRecord): Slot | undefined {
    const slot = slotOfKey(key)
    return slot === undefined ? undefined : this.#slots.get(slot)
  }

  #detect(slot: Slot, record: ConsumedRecord): void {
    const { offset, value, timestamp } = record
    if (slot.mode === 'stopped' || offset < slot.next) return
    const late = slot.correlator?.counters.late ?? 0
    const trace = record.traceparent === undefined ? undefined : this.#trace(slot, record)
    const events = this.options.detector.record(slot, value, floor(timestamp), this.#found(slot, trace), trace)
    trace?.finish(events)
    slot.events += events
    slot.next = offset + 1n
    const more = (slot.correlator?.counters.late ?? 0) - late
    if (more > 0) this.options.counts.late(more)
  }

  #trace({ id: slot, mode }: Slot, record: ConsumedRecord): RecordTrace | undefined {
    const { tracer, alerts } = this.options.tracing ?? { tracer: untraced, alerts: 0 }
    const origin = tracer.origin(record.traceparent)
    if (origin === undefined) return undefined
    return new RecordTrace(
      tracer,
      origin,
      { topic: 'events.raw', partition: this.options.partition, record, slot, mode },
      alerts,
    )
  }

  #found =
    (slot: Slot, trace?: RecordTrace): Parameters<Detector['record']>[3] =>
    (alert) => {
      if (slot.mode === 'own') this.options.publisher.add(slot.id, alert, trace)
    }

  /** Time passes for slots to which nothing came, too. */
  #tick(timestamp: number, which: (slot: Slot) => boolean): void {
    const clock = floor(timestamp)
    if (clock <= this.#clock) return
    this.#clock = clock
    this.#pass(clock, which)
  }

  #pass(clock: number, which: (slot: Slot) => boolean): void {
    for (const slot of this.#slots.values())
      if (slot.correlator && slot.mode !== 'stopped' && which(slot))
        this.options.detector.clock(slot, clock, this.#found(slot))
  }

  /** Nothing more is on its way: what waits for time to pass is settled up to `now`, milliseconds since the epoch. */
  idle(now: number): void {
    this.#pass(floor(now), ({ behind }) => !behind)
  }

  /** Reads records again for slots that are behind, until they are where the partition is. */
  async catchUp(slots: readonly Slot[]): Promise<void> {
    const { partition, readers } = this.options
    const ours = new Set(slots)
    if (ours.size === 0) return
    let from = least(slots.map(({ next }) => next))
    let clock = 0
    const again = async (records: readonly ConsumedRecord[]) => {
      let began = performance.now()
      for (const record of records) {
        if (this.#isAt(record.offset)) break
        if (floor(record.timestamp) > clock) {
          clock = floor(record.timestamp)
          this.#pass(clock, (slot) => slot.behind && ours.has(slot) && slot.next <= record.offset)
        }
        const slot = this.#slotOf(record)
        if (slot?.behind && ours.has(slot)) this.#detect(slot, record)
        if (performance.now() - began < turnMs) continue
        await this.#others()
        began = performance.now()
      }
      // In the same turn as the last look at the position: a slot joins where the partition is now, and nowhere else.
      if (this.#isAt(records.at(-1)!.offset + 1n)) this.#join(slots)
    }
    while (slots.some(({ behind }) => behind)) {
      from = await readers.events.toEnd(partition, from, again, { signal: this.#ended.signal })
      if (this.#isAt(from)) this.#join(slots)
    }
  }

  /** Whether the partition has not gone beyond an offset. */
  #isAt(offset: bigint): boolean {
    return this.#position === undefined || offset >= this.#position
  }

  #join(slots: readonly Slot[]): void {
    for (const slot of slots) slot.behind = false
  }

  /** Stops at once; what is not saved is done again by whoever owns the partition next. */
  end(): void {
    this.#ended.abort()
    this.options.publisher.end()
  }
}

const least = ([first, ...others]: readonly bigint[]): bigint => {
  let found = first!
  for (const offset of others) if (offset < found) found = offset
  return found
}

const floor = (timestamp: number): number => Math.floor(timestamp / tickMs) * tickMs

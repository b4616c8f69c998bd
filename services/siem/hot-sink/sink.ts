import { setTimeout as delay, setImmediate as macrotask } from 'node:timers/promises'
import type { TopicName } from '../../../policies/storage.ts'
import type { Assignment, ConsumedRecord, Consumer, ConsumerHandler, Producer } from '../../common/bus/bus.ts'
import type { Log } from '../../common/log/log.ts'
import type { Metrics } from '../../common/metrics/metrics.ts'
import type { Tracer } from '../../common/tracing/tracer.ts'
import { backOff } from './back-off.ts'
import { advice, HotTierError } from './errors.ts'
import type { HotTier } from './hot-tier.ts'
import { Lag } from './lag.ts'
import { type SinkMetrics, type StoredThings, sinkMetrics } from './metrics.ts'
import { PartitionSink } from './partition.ts'
import type { Content, PartitionOptions, RetryLimits, SinkLimits } from './partition-options.ts'
import { mayRead, type RoomLimits } from './room.ts'
import { Semaphore } from './semaphore.ts'

export interface SinkOptions {
  readonly topic: TopicName
  readonly consumer: Consumer
  readonly producer: Pick<Producer, 'send'>
  readonly hotTier: HotTier
  readonly content: Content
  readonly limits: SinkLimits
  readonly room: RoomLimits
  /** Blocks that are stored at once. */
  readonly concurrency: number
  /** Which records are stored from which partition, where that can change. Default: all from the one that they are in. */
  readonly placements?: NonNullable<PartitionOptions['placements']>
  /** How old the lag may be that a scrape sees, milliseconds. */
  readonly lagMaxAgeMs: number
  /** Names what is stored in metrics. Default: events. */
  readonly of?: StoredThings
  readonly metrics: Metrics
  /** How soon after its arrival an event is to be stored, milliseconds: a bucket of the histogram of ages. Default: as long as a block waits. */
  readonly promisedMs?: number
  readonly log: Log
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
  readonly retry?: RetryLimits
}

const usualRetry: RetryLimits = {
  soon: { firstMs: 200, mostMs: 5_000 },
  later: { firstMs: 5_000, mostMs: 60_000 },
}
/** So much is unfolded at a time before others have their turn. */
const turnBytes = 2 * 2 ** 20

/** Moves records from the topic into the hot tier: one PartitionSink for each partition that this member owns. */
export class Sink implements ConsumerHandler {
  readonly #options: SinkOptions
  readonly #metrics: SinkMetrics
  readonly #places: Semaphore
  readonly #making = new Semaphore(1)
  readonly #retry: RetryLimits
  readonly #partitions = new Map<number, PartitionSink>()
  readonly #paused = new Set<number>()
  readonly #stopping = new AbortController()
  /** Why the hot tier is not prepared, until it is. */
  #unprepared: string | undefined = 'It has not been asked yet.'

  constructor(options: SinkOptions) {
    this.#options = options
    this.#places = new Semaphore(options.concurrency)
    this.#retry = options.retry ?? usualRetry
    const { consumer, lagMaxAgeMs, limits, promisedMs = limits.maxDelayMs } = options
    const lag = new Lag({ consumer, positions: () => this.#positions(), maxAgeMs: lagMaxAgeMs })
    const scales = { blockSeconds: limits.maxDelayMs / 1_000, ageSeconds: promisedMs / 1_000 }
    this.#metrics = sinkMetrics(options.metrics, options.of ?? 'events', scales, {
      lag: () => lag.read(),
      events: () => this.#sum(({ events }) => events),
      bytes: () => this.#sum(({ held }) => held),
    })
  }

  /** Why the hot tier does not take everything in, or nothing. */
  get trouble(): string | undefined {
    if (this.#unprepared !== undefined) return `The table is not known to be there. ${this.#unprepared}`
    const failing = [...this.#partitions].flatMap(([partition, { failure }]) =>
      failure === undefined ? [] : [{ partition, failure, todo: advice[failure] }],
    )
    // Of several, one that somebody can do something about.
    const told = failing.find(({ todo }) => todo !== undefined) ?? failing[0]
    if (told === undefined) return undefined
    const what = `Partition ${told.partition} is held back (${told.failure}); ${failing.length} are in all.`
    return told.todo === undefined ? what : `${what} ${told.todo}`
  }

  /** Makes the table, trying until the hot tier answers, then joins the group. Resolves when it has, or when it is stopped before. */
  async start(): Promise<void> {
    const { hotTier, consumer, log } = this.#options
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await hotTier.prepare(signal)
        this.#unprepared = undefined
        await consumer.run(this)
        return
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof HotTierError)) throw error
        this.#unprepared = error.message
        this.#metrics.errors.inc({ reason: error.code })
        log.warn('The table cannot be made; trying again.', { error })
        await delay(backOff(failures, this.#retry.soon), undefined, { signal }).catch(() => {})
      }
    }
  }

  /** Stores what is in memory, within `flushMs`, then leaves the group. What is not stored by then is the next owner's. */
  async stop(flushMs: number): Promise<void> {
    this.#stopping.abort()
    const drained = Promise.all([...this.#partitions.values()].map((partition) => partition.drain()))
    await Promise.race([drained, delay(flushMs, undefined, { ref: false })])
    await this.#options.consumer.close()
    this.#end([...this.#partitions.keys()])
  }

  assigned(assignments: readonly Assignment[]): void {
    const { topic, consumer, log } = this.#options
    this.#paused.clear()
    for (const { partition, committed } of assignments) {
      const sink = new PartitionSink({
        ...this.#options,
        partition,
        committed,
        commit: (offset, metadata) => consumer.commit(partition, offset, metadata),
        places: this.#places,
        making: this.#making,
        retry: this.#retry,
        metrics: this.#metrics,
        log: log.with({ topic, partition }),
        changed: () => this.#regulate(),
      })
      this.#partitions.set(partition, sink)
      sink.start()
    }
  }

  revoked(partitions: readonly number[]): void {
    this.#end(partitions)
  }

  async records(partition: number, records: readonly ConsumedRecord[], signal: AbortSignal): Promise<void> {
    const sink = this.#partitions.get(partition)
    if (sink === undefined || this.#stopping.signal.aborted) return
    let turn = 0
    for (const record of records) {
      if (signal.aborted) return
      turn += sink.take(record)
      if (turn < turnBytes) continue
      turn = 0
      await macrotask()
    }
    this.#regulate()
  }

  /** The placements have changed. */
  look(): void {
    for (const partition of this.#partitions.values()) partition.look()
  }

  #end(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#partitions.get(partition)?.end()
      this.#partitions.delete(partition)
    }
    this.#regulate()
  }

  #regulate(): void {
    const { consumer, room } = this.#options
    const holdings = [...this.#partitions].map(([partition, { held, incomplete }]) => ({ partition, held, incomplete }))
    const allowed = mayRead(holdings, room)
    for (const { partition } of holdings) {
      if (allowed.has(partition) !== this.#paused.has(partition)) continue
      if (this.#paused.delete(partition)) consumer.resume(partition)
      else {
        this.#paused.add(partition)
        consumer.pause(partition)
      }
    }
  }

  #positions(): ReadonlyMap<number, bigint> {
    return new Map(
      [...this.#partitions].flatMap(([partition, { position }]) =>
        position === undefined ? [] : [[partition, position] as const],
      ),
    )
  }

  #sum(of: (sink: PartitionSink) => number): number {
    let sum = 0
    for (const sink of this.#partitions.values()) sum += of(sink)
    return sum
  }
}

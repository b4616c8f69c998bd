import { setTimeout as delay } from 'node:timers/promises'
import type {
  Assignment,
  ConsumedRecord,
  ConsumerHandler,
  Producer,
  Reader,
  SoleConsumer,
} from '../../common/bus/bus.ts'
import { BusError } from '../../common/bus/errors.ts'
import type { Log } from '../../common/log/log.ts'
import type { Duty } from '../../common/sharding/duties.ts'
import type { MoveReport } from '../../common/sharding/report.ts'
import { partitionOf } from '../../common/sharding/slot.ts'
import type { Detector } from './detector.ts'
import type { EngineCounts } from './metrics.ts'
import { Partition, type PartitionOptions } from './partition.ts'
import { PartitionDuties } from './partition-duties.ts'
import { AlertPublisher } from './publisher.ts'
import { Saver } from './saver.ts'

export interface EngineOptions {
  /** Of the shard's group on events.raw. */
  readonly consumer: SoleConsumer
  readonly producer: Pick<Producer, 'send'>
  /** Readers of topics, for no group. */
  readonly readers: { readonly events: Reader; readonly state: Reader; readonly alerts: Reader }
  readonly detector: Detector
  /** Of the topics that carry slots. */
  readonly partitions: number
  readonly limits: {
    /** How often what changed is saved, milliseconds. */
    readonly saveMs: number
    readonly remembered: number
    readonly waiting: number
    /** Records to the end at which a shadow has caught up. */
    readonly maxLag: number
  }
  /** Told now and then of the events a second of slots that had any. */
  readonly loads?: (rates: ReadonlyMap<number, number>) => void
  /** Told whenever what can be said of moves may have changed: all that is true now, and the version of the map that is acted on. */
  readonly report?: (version: number, moves: readonly MoveReport[]) => void
  readonly counts: EngineCounts
  readonly log: Log
  /** Default: nothing is traced. */
  readonly tracing?: NonNullable<PartitionOptions['tracing']>
  readonly now?: () => number
}

interface Held {
  readonly partition: Partition
  readonly saver: Saver
  readonly duties: PartitionDuties
  /** Of the map whose duties are done. */
  version: number
  /** Rejects when the partition could not be taken on. */
  readonly ready: Promise<void>
  /** When the last records came, milliseconds of performance.now(). */
  seen: number
}

/** After so long without a record, with nothing left to read, time goes on by itself. Milliseconds. */
const idleMs = 2_000
/** The least time between two reports of loads. */
const loadSeconds = 15

/** A shard at work: its partitions, each for the slots that the map gives to the shard. */
export class Engine implements ConsumerHandler {
  readonly #options: EngineOptions
  readonly #held = new Map<number, Held>()
  readonly #stopping = new AbortController()
  #duties: ReadonlyMap<number, Duty> = new Map()
  /** Of the map that the duties are of, and of the last that was acted on everywhere. */
  #version = 0
  #begun = 0
  #obeying: Promise<void> = Promise.resolve()
  #loadsAt = performance.now()
  #ends: ReadonlyMap<number, bigint> = new Map()
  #saving: Promise<void> = Promise.resolve()
  #failures = 0

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** Why alerts may be late, or nothing. */
  get trouble(): string | undefined {
    if (!this.#options.consumer.healthy) return 'This process does not hold its group.'
    return this.#failures > 2 ? `What is remembered could not be saved ${this.#failures} times.` : undefined
  }

  get held(): ReadonlyMap<number, Partition> {
    return new Map([...this.#held].map(([id, { partition }]) => [id, partition]))
  }

  /** Records between where the partitions are and their ends, as last asked for. */
  get lag(): number {
    let lag = 0
    for (const [id, { partition }] of this.#held)
      lag += Math.max(0, Number((this.#ends.get(id) ?? 0n) - (partition.position ?? 0n)))
    return lag
  }

  get waiting(): number {
    return this.#sum(({ options }) => options.publisher.waiting)
  }

  get slots(): number {
    return this.#sum(({ slots }) => [...slots.values()].filter(({ mode }) => mode === 'own').length)
  }

  get remembered(): number {
    return this.#sum(({ slots }) => {
      let size = 0
      for (const { correlator } of slots.values()) size += correlator?.size ?? 0
      return size
    })
  }

  #sum(of: (partition: Partition) => number): number {
    let sum = 0
    for (const { partition } of this.#held.values()) sum += of(partition)
    return sum
  }

  /** Takes the group over and does its duties, if there are any already. */
  async start(): Promise<void> {
    await this.#options.consumer.run(this)
    this.#saving = this.#saveAgain()
  }

  /**
   * Goes over to the duties of a version of the map. That is reported when every partition of them is held and its slots are taken on. Never await
   * it within a handler of the consumer.
   */
  obey(version: number, duties: ReadonlyMap<number, Duty>): Promise<void> {
    this.#version = version
    this.#duties = duties
    // Versions may come faster than they are taken on: those between are passed over.
    this.#obeying = this.#obeying.then(() => (this.#version === version ? this.#obey() : undefined))
    return this.#obeying
  }

  async #obey(): Promise<void> {
    await this.#options.consumer.choose(this.#partitions())
    await Promise.all([...this.#held.keys()].map((id) => this.#apply(id)))
  }

  #partitions(): readonly number[] {
    const { partitions } = this.#options
    return [...new Set([...this.#duties.keys()].map((slot) => partitionOf(slot, partitions)))].sort((a, b) => a - b)
  }

  #dutiesOf(id: number): ReadonlyMap<number, Duty> {
    const { partitions } = this.#options
    return new Map([...this.#duties].filter(([slot]) => partitionOf(slot, partitions) === id))
  }

  /** Brings a partition to the newest duties. */
  async #apply(id: number): Promise<void> {
    const held = this.#held.get(id)
    const version = this.#version
    try {
      await held?.ready
      if (held === undefined || held.version === version) return
      await held.duties.apply(this.#dutiesOf(id))
      held.version = version
    } catch (error) {
      if (held?.partition.ended === false)
        this.#options.log.error('Duties could not be taken on.', { error, partition: id })
      return
    }
    this.#report()
  }

  /** Tells what is true of the moves, and which map is acted on: one whose every partition is held and at work under it. */
  #report(): void {
    const version = this.#version
    if (this.#partitions().every((id) => this.#held.get(id)?.version === version)) this.#begun = version
    if (this.#begun === 0) return
    const moves = [...this.#held.values()].flatMap(({ duties }) => duties.reports)
    this.#options.report?.(this.#begun, moves)
  }

  /** Saves what changed within `flushMs`, then lets go. What is not saved is done again. */
  async stop(flushMs: number): Promise<void> {
    this.#stopping.abort()
    await this.#saving
    await Promise.race([this.save(), delay(flushMs, undefined, { ref: false })])
    await this.#options.consumer.close()
    for (const id of [...this.#held.keys()]) this.#end(id)
  }

  async assigned(assignments: readonly Assignment[]): Promise<void> {
    await Promise.all(assignments.map((assignment) => this.#begin(assignment)))
  }

  async #begin({ partition: id, committed }: Assignment): Promise<void> {
    const { consumer, detector, producer, readers, counts, limits, tracing } = this.#options
    this.#end(id)
    const log = this.#options.log.with({ partition: id })
    const publisher = new AlertPublisher({
      partition: id,
      producer,
      reader: readers.alerts,
      remembered: limits.remembered,
      counts,
      log,
    })
    const partition = new Partition({
      partition: id,
      committed,
      detector,
      publisher,
      producer,
      readers,
      commit: (offset, metadata) => consumer.commit(id, offset, metadata),
      mostWaiting: limits.waiting,
      ...(tracing ? { tracing } : {}),
      counts,
      log,
    })
    const saver = new Saver(partition)
    const duties = new PartitionDuties({
      partition,
      saver,
      alertsEnd: async () => (await readers.alerts.endOffsets()).get(id) ?? 0n,
      lag: async () => Number(((await consumer.endOffsets()).get(id) ?? 0n) - (partition.position ?? 0n)),
      maxLag: limits.maxLag,
      changed: () => this.#report(),
      log,
    })
    const version = this.#version
    const ready = duties.begin(this.#dutiesOf(id))
    this.#held.set(id, { partition, saver, duties, version: 0, ready, seen: performance.now() })
    await ready.catch((error: unknown) => {
      if (!partition.ended) throw error
    })
    const held = this.#held.get(id)
    if (held?.partition === partition) held.version = version
    this.#report()
    log.info('A partition was taken on.', { slots: partition.slots.size, position: partition.position })
  }

  revoked(partitions: readonly number[]): void {
    for (const id of partitions) this.#end(id)
  }

  #end(id: number): void {
    const held = this.#held.get(id)
    held?.duties.end()
    held?.partition.end()
    this.#held.delete(id)
  }

  async records(id: number, records: readonly ConsumedRecord[], signal: AbortSignal): Promise<void> {
    const held = this.#held.get(id)
    if (held === undefined) return
    held.seen = performance.now()
    await held.partition.take(records, signal)
    held.seen = performance.now()
  }

  async #saveAgain(): Promise<void> {
    const { limits, log, counts } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await delay(limits.saveMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      try {
        await this.save()
        this.#failures = 0
        this.#tellLoads()
      } catch (error) {
        this.#failures++
        counts.failed(error instanceof BusError ? error.code : 'INTERNAL')
        log.warn('What is remembered could not be saved; trying again.', { error })
      }
    }
  }

  #tellLoads(): void {
    const seconds = (performance.now() - this.#loadsAt) / 1_000
    if (seconds < loadSeconds) return
    this.#loadsAt = performance.now()
    const rates = new Map<number, number>()
    for (const { partition } of this.#held.values())
      for (const slot of partition.slots.values()) {
        if (slot.mode === 'own' && slot.events > 0) rates.set(slot.id, slot.events / seconds)
        slot.events = 0
      }
    this.#options.loads?.(rates)
  }

  /** Saves every partition, and lets time go on where nothing more is to read. */
  async save(): Promise<void> {
    const { readers, consumer, now = Date.now } = this.#options
    // Asked for first: alerts of what is saved later come after it.
    const [alertEnds, ends] = await Promise.all([readers.alerts.endOffsets(), consumer.endOffsets()])
    this.#ends = ends
    const work = [...this.#held].map(async ([id, { partition, saver, ready, seen }]) => {
      await ready.catch(() => {})
      if (partition.ended) return
      if (partition.position === ends.get(id) && performance.now() - seen > idleMs) partition.idle(now())
      try {
        await saver.save(alertEnds.get(id) ?? 0n)
      } catch (error) {
        // Another process holds the group, or the partition left: it goes on from what is saved.
        const over = error instanceof BusError && (error.code === 'FENCED' || error.code === 'CLOSED')
        if (!over && !partition.ended) throw error
      }
    })
    const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }
}

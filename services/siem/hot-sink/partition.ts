import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumedRecord } from '../../common/bus/bus.ts'
import { BusError } from '../../common/bus/errors.ts'
import { backOff } from './back-off.ts'
import { type Block, cut, cutAt } from './block.ts'
import { BlockWriter } from './block-writer.ts'
import { HotTierError } from './errors.ts'
import { commitText, isForeign, readCommit } from './intent.ts'
import type { PartitionOptions } from './partition-options.ts'
import type { Verdict } from './placements.ts'
import { heldBytesOf, rowsOf, type WaitingRecord } from './record.ts'

/** A block, or records that are to be stored from elsewhere. */
type DueBlock = Block & { readonly moved: boolean }

const isFenced = (error: unknown): boolean => error instanceof BusError && error.code === 'FENCED'

const reasonOf = (error: unknown): string =>
  error instanceof HotTierError ? error.code : error instanceof BusError ? `KAFKA_${error.code}` : 'INTERNAL'

/**
 * Stores one partition's records, block by block, for as long as this member owns it. Every event stands in the hot tier exactly once:
 *
 * 1. A block [from, to) begins with a commit at `from` whose text, the intent, says `to`. The group's generation fences it: a member that has
 *    lost the partition stops there.
 * 2. Rows that the hot tier has already are left out, by the id of each event.
 * 3. The rest is inserted under a token made of the block's offsets, as one part: it is there as a whole or not at all. When the token may
 *    have been used before, the answer is not believed: 2. must find all rows.
 * 4. A commit at `to` without a text ends the block.
 *
 * Whoever is killed in between, the next owner finds the intent and makes the very same block again before any other. Had the insert been
 * applied, step 2 finds its rows. Were it still under way, the engine would take whichever of the two comes second for a repetition, by
 * the token. That also holds for an owner that was paused between 1 and 3 and goes on when another has long taken over: it can insert
 * only this block, under this token. So check-then-insert needs no lock: all records that may hold an event are in one partition, and nothing else
 * writes. Where a tenant's placement changes, Placements sees to it that the partitions follow one another.
 */
export class PartitionSink {
  readonly #options: PartitionOptions
  readonly #ended = new AbortController()
  readonly #waiting: WaitingRecord[] = []
  #position: bigint | undefined
  #intendedEnd: bigint | undefined
  /** By which version of the placements this partition is stored, as last committed (see CommitText). */
  #version = 0
  #next: bigint
  #held = 0
  #events = 0
  #draining = false
  #failure: string | undefined
  #wake = Promise.withResolvers<void>()
  #settled: Promise<void> = Promise.resolve()

  constructor(options: PartitionOptions) {
    this.#options = options
    const { committed, log } = options
    this.#position = committed?.offset
    this.#next = committed?.offset ?? 0n
    if (committed === undefined) return
    const { version, to } = readCommit(committed)
    this.#version = version
    this.#intendedEnd = to
    if (isForeign(committed)) log.warn('A commit carries a text that this version does not understand.')
  }

  /** The first offset that is not stored; undefined before the first record of a partition that was never committed. */
  get position(): bigint | undefined {
    return this.#position
  }
  /** Bytes of records in memory. */
  get held(): number {
    return this.#held
  }
  /** Events read and not yet stored. */
  get events(): number {
    return this.#events
  }
  /** The next block has a fixed end, and records of it are still to come. */
  get incomplete(): boolean {
    return this.#intendedEnd !== undefined && !cutAt(this.#waiting, this.#intendedEnd).full
  }
  /** Why the partition is held back, while it is. */
  get failure(): string | undefined {
    return this.#failure
  }
  /** Resolves when it has stopped. */
  get settled(): Promise<void> {
    return this.#settled
  }

  start(): void {
    this.#settled = this.#run()
  }

  /** Takes the next record; one that it has seen already, or that comes after the end, is let pass. Answers the bytes looked at. */
  take(record: ConsumedRecord): number {
    if (this.#ended.signal.aborted || this.#draining || record.offset < this.#next) return 0
    const { content, limits } = this.#options
    const read = content.read(record, limits.maxRecordBytes, performance.now())
    const waiting = record.traceparent === undefined ? read : this.#traced(record, read)
    this.#next = record.offset + 1n
    this.#position ??= record.offset
    this.#waiting.push(waiting)
    this.#held += heldBytesOf(waiting)
    this.#events += rowsOf(waiting)
    this.#notify()
    return waiting.kind === 'events' ? waiting.bytes.length : waiting.length
  }

  #traced({ traceparent, timestamp }: ConsumedRecord, waiting: WaitingRecord): WaitingRecord {
    const at = this.#options.tracer?.origin(traceparent)
    return at === undefined ? waiting : { ...waiting, trace: { at, timestamp } }
  }

  /** Takes nothing more and stores what is there; an incomplete block is left to the next owner. Resolves when it has stopped. */
  drain(): Promise<void> {
    this.#draining = true
    this.#notify()
    return this.#settled
  }

  /** Stops at once; what is not stored is left to the next owner. */
  end(): void {
    this.#ended.abort()
    this.#notify()
  }

  async #run(): Promise<void> {
    const { log } = this.#options
    try {
      for (let block = await this.#block(); block; block = await this.#block()) {
        await (block.moved ? this.#move(block) : this.#store(block))
        this.#forget(block)
      }
    } catch (error) {
      if (this.#ended.signal.aborted) return
      if (isFenced(error)) log.info('The partition has another owner now.')
      else log.error('The partition stopped.', { error })
      this.end()
    } finally {
      this.#failure = undefined
    }
  }

  /** The next block as soon as it is due; undefined at the end. */
  async #block(): Promise<DueBlock | undefined> {
    while (!this.#ended.signal.aborted) {
      if (this.#intendedEnd === undefined && this.#version < this.#newest) await this.#takeOn(this.#newest)
      const block = this.#due()
      if (block) return block
      if (this.#draining) return undefined
      const [oldest] = this.#waiting
      const timed = oldest && this.#intendedEnd === undefined && !this.#behind
      await this.#sleep(timed ? oldest.takenAt + this.#options.limits.maxDelayMs - performance.now() : undefined)
    }
    return undefined
  }

  /** The version of the placements that this process knows. */
  get #newest(): number {
    return this.#options.placements?.version ?? 0
  }

  /** A newer map than this process knows says what is next: one that an owner before it knew, or a collector. */
  get #behind(): boolean {
    const [oldest] = this.#waiting
    return this.#newest < this.#version || (oldest !== undefined && this.#options.placements?.judge(oldest) === 'ahead')
  }

  /** The next block, when it is due. */
  #due(): DueBlock | undefined {
    if (this.#waiting.length === 0) return undefined
    const { limits, log } = this.#options
    if (this.#intendedEnd !== undefined) {
      const { count, full } = cutAt(this.#waiting, this.#intendedEnd)
      // By the version by which it was begun, whatever that of now is.
      if (count > 0 || !full) return full ? this.#first(count, this.#version, false) : undefined
      log.error('Records of a block that was begun are gone: the topic kept them too short.', {
        from: this.#position,
        to: this.#intendedEnd,
      })
      this.#intendedEnd = undefined
    }
    if (this.#behind) return undefined
    const version = this.#newest
    const { verdict, records } = this.#alike()
    const { count, full } = cut(records, limits)
    const due = full || verdict === 'moved' || records.length < this.#waiting.length || this.#draining
    return due || performance.now() >= records[0]!.takenAt + limits.maxDelayMs
      ? this.#first(count, version, verdict === 'moved')
      : undefined
  }

  /** The first records, up to the one of which the placements say something else. */
  #alike(): { readonly verdict: Verdict; readonly records: readonly WaitingRecord[] } {
    const { placements } = this.#options
    if (placements === undefined) return { verdict: 'here', records: this.#waiting }
    const verdict = placements.judge(this.#waiting[0]!)
    const end = this.#waiting.findIndex((record) => placements.judge(record) !== verdict)
    return { verdict, records: end === -1 ? this.#waiting : this.#waiting.slice(0, end) }
  }

  #first(count: number, version: number, moved: boolean): DueBlock {
    const records = this.#waiting.slice(0, count)
    const from = this.#position ?? records[0]!.offset
    const begun = this.#intendedEnd !== undefined
    return { from, to: this.#intendedEnd ?? records.at(-1)!.offset + 1n, records, begun, version, moved }
  }

  /** Says that from here on the partition is stored by this version of the placements. */
  async #takeOn(version: number): Promise<void> {
    const at = this.#position ?? 0n
    await this.#persist({ from: at, to: at }, () => this.#options.commit(at, commitText({ version })))
    this.#version = version
  }

  /** Lets the partitions where they belong by now have them. */
  async #move({ from, to, records, version }: DueBlock): Promise<void> {
    const { placements, commit, metrics, log } = this.#options
    await this.#persist({ from, to }, async () => {
      await placements!.move(records)
      await commit(to, commitText({ version }))
    })
    this.#version = version
    metrics.moved.inc(records.length)
    log.info('Records of an older placement were moved.', { from, to, records: records.length })
  }

  async #store(block: Block): Promise<void> {
    const { commit, metrics } = this.#options
    const { to, version } = block
    const started = performance.now()
    const writer = new BlockWriter(this.#options, block, this.#ended.signal)
    await this.#persist(block, async () => {
      await writer.write()
      await commit(to, commitText({ version }))
    })
    this.#version = version
    writer.count()
    metrics.duration.observe((performance.now() - started) / 1_000)
  }

  /** Does it until it succeeds. Throws when the partition is not ours any more. */
  async #persist(what: Pick<Block, 'from' | 'to'>, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#ended
    for (let failures = 0; ; failures++) {
      try {
        await work()
        break
      } catch (error) {
        signal.throwIfAborted()
        if (isFenced(error)) throw error
        this.#fail(what, error, failures)
        const { soon, later } = this.#options.retry
        const passesSoon = error instanceof HotTierError ? error.passesSoon : error instanceof BusError
        await delay(backOff(failures, passesSoon ? soon : later), undefined, { signal })
        // Should it fail, the next attempt says so.
        if (error instanceof HotTierError && error.code === 'NO_TABLE')
          await this.#options.hotTier.prepare(signal).catch(() => {})
      }
    }
    signal.throwIfAborted()
    this.#failure = undefined
  }

  #fail({ from, to }: Pick<Block, 'from' | 'to'>, error: unknown, failures: number): void {
    const { metrics, log } = this.#options
    const reason = reasonOf(error)
    this.#failure = reason
    metrics.errors.inc({ reason })
    metrics.blocks.inc({ result: 'failed' })
    // The first of a row, then ever fewer: an outage is not to fill the log.
    const telling = (failures & (failures + 1)) === 0
    log[telling ? 'warn' : 'debug']('A block is not stored yet; trying again.', { reason, from, to, failures, error })
  }

  /** The placements have changed. */
  look(): void {
    this.#notify()
  }

  #forget({ to, records }: Block): void {
    this.#waiting.splice(0, records.length)
    this.#position = to
    this.#intendedEnd = undefined
    for (const record of records) {
      this.#held -= heldBytesOf(record)
      this.#events -= rowsOf(record)
      if (record.kind === 'events') record.done?.()
    }
    this.#options.changed()
  }

  #notify(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  async #sleep(ms: number | undefined): Promise<void> {
    const { promise } = this.#wake
    const timer = ms === undefined ? undefined : setTimeout(() => this.#notify(), Math.max(0, ms))
    await promise
    clearTimeout(timer)
  }
}

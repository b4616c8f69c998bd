import { type Block, blockToken } from './block.ts'
import { BlockTrace } from './block-trace.ts'
import { deadLetter } from './dead-letters.ts'
import { batchesOf, rowsKept, withoutDuplicates } from './duplicates.ts'
import { HotTierError } from './errors.ts'
import { commitText } from './intent.ts'
import type { PartitionOptions } from './partition-options.ts'
import { rowsOf, type UnreadableRecord } from './record.ts'
import type { KeptRecord } from './rows.ts'

/** One block on its way into the hot tier: what is done again after a failure, and what need not be. */
export class BlockWriter {
  readonly #options: PartitionOptions
  readonly #block: Block
  readonly #signal: AbortSignal
  readonly #token: string
  readonly #trace: BlockTrace | undefined
  #letters: readonly UnreadableRecord[]
  /** The token may have been used. */
  #used: boolean
  /** Of the first attempt: later ones find its rows. */
  #rows: number | undefined

  constructor(options: PartitionOptions, block: Block, signal: AbortSignal) {
    this.#options = options
    this.#block = block
    this.#signal = signal
    this.#token = blockToken(options.topic, options.partition, block)
    this.#trace = BlockTrace.of(block.records, options)
    this.#used = block.begun ?? false
    this.#letters = block.records.filter((record) => record.kind === 'unreadable')
  }

  /** Intent, dead letters, check, insert. Rejects with BusError or HotTierError; everything in it may be repeated. */
  async write(): Promise<void> {
    const { commit, places, placements } = this.#options
    const { from, to, version, records } = this.#block
    await commit(from, commitText({ version, to }))
    // Not in a place of the few: others may need it to come so far.
    const since = records.reduce((most, record) => (record.kind === 'events' ? Math.max(most, record.since) : most), 0)
    await placements?.settled(since, this.#signal)
    try {
      await places.run(() => this.#store(), this.#signal)
    } catch (error) {
      this.#trace?.failed(error)
      throw error
    }
  }

  async #store(): Promise<void> {
    const { hotTier, content, making } = this.#options
    await this.#bury()
    this.#trace?.begin('look up')
    const kept = await this.#missing()
    const rows = rowsKept(kept)
    this.#rows ??= rows
    if (rows === 0) return
    this.#trace?.begin('make rows')
    const block = await making.run(() => content.rows(kept), this.#signal)
    const repeated = this.#used
    this.#used = true
    this.#trace?.begin('insert')
    await hotTier.insert(this.#token, block, this.#signal)
    // Replicas say yes to a token that they know, also while they give up the part that it stands for.
    if (repeated && rowsKept(await this.#missing()) > 0)
      throw new HotTierError('UNSETTLED', `An insert was taken for a repetition, but its rows are not stored.`)
  }

  /** The block's rows that the hot tier does not have. */
  async #missing(): Promise<readonly KeptRecord[]> {
    const { records } = this.#block
    const batches = batchesOf(records)
    const stored = batches.length > 0 ? await this.#options.hotTier.stored(batches, this.#signal) : []
    return withoutDuplicates(records, stored)
  }

  async #bury(): Promise<void> {
    if (this.#letters.length === 0) return
    const { producer, metrics, log } = this.#options
    await producer.send(this.#letters.map((record) => deadLetter(this.#options, record)))
    for (const { reason, offset, length } of this.#letters) {
      metrics.deadLetters.inc({ reason })
      log.warn('A record cannot be read; it is among the dead letters.', { reason, offset, length })
    }
    this.#letters = []
  }

  /** Tells the metrics of a block that is stored. */
  count(): void {
    this.#trace?.finish()
    const { metrics } = this.#options
    const { records } = this.#block
    const rows = this.#rows ?? 0
    const all = records.reduce((sum, record) => sum + rowsOf(record), 0)
    metrics.stored.inc(rows)
    metrics.duplicates.inc(all - rows)
    metrics.blocks.inc({ result: rows > 0 ? 'stored' : 'empty' })
    if (rows === 0) return
    metrics.rows.observe(rows)
    const now = Date.now()
    for (const record of records)
      if (record.kind === 'events') metrics.age.observe(Math.max(0, now - record.arrival) / 1_000)
  }
}

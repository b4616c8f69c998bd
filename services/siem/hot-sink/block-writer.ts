import { type Block, blockToken } from './block.ts'
import { deadLetter } from './dead-letters.ts'
import { batchesOf, rowsKept, withoutDuplicates } from './duplicates.ts'
import { intentText } from './intent.ts'
import type { PartitionOptions } from './partition-options.ts'
import { rowsOf, type UnreadableRecord } from './record.ts'
import { blockRows } from './rows.ts'

/** One block on its way into the hot tier: what is done again after a failure, and what need not be. */
export class BlockWriter {
  readonly #options: PartitionOptions
  readonly #block: Block
  readonly #signal: AbortSignal
  readonly #token: string
  #letters: readonly UnreadableRecord[]
  /** Of the first attempt: later ones find its rows. */
  #rows: number | undefined

  constructor(options: PartitionOptions, block: Block, signal: AbortSignal) {
    this.#options = options
    this.#block = block
    this.#signal = signal
    this.#token = blockToken(options.topic, options.partition, block)
    this.#letters = block.records.filter((record) => record.kind === 'unreadable')
  }

  /** Intent, dead letters, check, insert. Rejects with BusError or HotTierError; everything in it may be repeated. */
  async write(): Promise<void> {
    const { commit, hotTier, limits } = this.#options
    const { from, to, records } = this.#block
    await commit(from, intentText(to))
    await this.#bury()
    const batches = batchesOf(records)
    const stored = batches.length > 0 ? await hotTier.stored(batches, this.#signal) : []
    const kept = withoutDuplicates(records, stored)
    const rows = rowsKept(kept)
    this.#rows ??= rows
    if (rows > 0) await hotTier.insert(this.#token, blockRows(kept, limits.maxRecordBytes), this.#signal)
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

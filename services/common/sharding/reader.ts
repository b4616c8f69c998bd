import type { ConsumedRecord, Reader } from '../bus/bus.ts'
import type { Log } from '../log/log.ts'
import { MapFold, type Outcome, type Refusal } from './fold.ts'
import { ShardMap } from './map.ts'

export interface ShardMapReaderOptions {
  /** Of the topic shards.map. Stays the caller's to close. */
  readonly reader: Reader
  readonly log: Log
  /** Counts what was refused: nd_shard_map_refused_total. Default: nobody counts. */
  readonly refused?: (why: Refusal) => void
}

export type OutcomeWatcher = (outcome: Outcome, record: ConsumedRecord) => void

export type MapListener = (map: ShardMap, before: ShardMap | undefined) => void

/** The current shard map, and its changes in order. Never goes back, and never takes what the log's order does not bear out (see MapFold). */
export class ShardMapReader {
  readonly #options: ShardMapReaderOptions
  readonly #listeners = new Set<MapListener>()
  readonly #watchers = new Set<OutcomeWatcher>()
  #fold = new MapFold()
  #current: ShardMap | undefined
  #stop: (() => Promise<void>) | undefined

  constructor(options: ShardMapReaderOptions) {
    this.#options = options
  }

  /** The newest version; undefined before `start` and until a first one is published. */
  get current(): ShardMap | undefined {
    return this.#current
  }

  /** The manager that counts. Term 0: none has claimed yet. */
  get term(): { readonly term: number; readonly writer: string } {
    return this.#fold.term
  }

  /** Records that were there at the start and that this reader cannot read. */
  get unreadable(): number {
    return this.#fold.unreadable
  }

  /** Resolves when everything that was published so far has been read: nobody may act on a map before. Goes on reading until `close`. */
  async start(): Promise<void> {
    const next = await this.#replay()
    this.#stop = this.#options.reader.follow(0, next, (records) => this.#take(records))
  }

  /** Calls with each new version; at once with the current one, if there is one. Answers how to stop that. */
  onChange(listener: MapListener): () => void {
    this.#listeners.add(listener)
    if (this.#current) listener(this.#current, undefined)
    return () => this.#listeners.delete(listener)
  }

  /** Calls with what became of each record after the start. */
  onOutcome(watcher: OutcomeWatcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  async close(): Promise<void> {
    await this.#stop?.()
    this.#stop = undefined
  }

  async #replay(): Promise<bigint> {
    const records: ConsumedRecord[] = []
    const next = await this.#options.reader.toEnd(0, undefined, (some) => {
      records.push(...some)
    })
    this.#fold = MapFold.replay(records)
    this.#adopt()
    return next
  }

  async #take(records: readonly ConsumedRecord[]): Promise<void> {
    for (const record of records) {
      const outcome = this.#fold.apply(record)
      if (outcome.is === 'map') this.#adopt()
      if (outcome.is === 'refused') await this.#refuse(outcome.why, record)
      for (const watcher of [...this.#watchers]) watcher(outcome, record)
    }
  }

  async #refuse(why: Refusal, { offset }: ConsumedRecord): Promise<void> {
    this.#options.refused?.(why)
    this.#options.log.warn('A record of the shard map counts for nothing.', { why, offset })
    // Versions between have been compacted away while this process was not reading: what is left says what counts now.
    if (why === 'gap') await this.#replay()
  }

  #adopt(): void {
    const content = this.#fold.map?.content
    if (content === undefined || content.version <= (this.#current?.version ?? 0)) return
    const before = this.#current
    const map = new ShardMap(content)
    this.#current = map
    for (const listener of [...this.#listeners]) listener(map, before)
  }
}

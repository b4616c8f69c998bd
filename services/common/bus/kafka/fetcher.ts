import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../log/log.ts'
import type { ConsumedRecord } from '../bus.ts'
import type { Cluster } from './cluster.ts'
import { offsetsAt } from './offsets.ts'
import { KafkaError, refuse } from './wire/errors.ts'
import { earliest, type FetchedPartition, fetch } from './wire/log-apis.ts'
import { decodeBatches } from './wire/records.ts'

export interface FetcherOptions {
  readonly cluster: Pick<Cluster, 'leaders' | 'knownLeaders' | 'refresh' | 'connection'>
  readonly topic: string
  readonly log: Log
  /** The most bytes that one fetch brings, over all partitions. */
  readonly maxBytes: number
  /** How long a broker may hold a fetch while there are fewer than `minBytes` new, milliseconds. */
  readonly maxWaitMs: number
  /** Default: 1, so that a record comes at once. */
  readonly minBytes?: number
  /** One partition's records are handed over at a time, and nothing is fetched meanwhile. Default: each partition for itself. */
  readonly oneAtATime?: boolean
}

/** Takes what was read of one partition; `next` is where reading goes on after it (there may be no record in between). */
export type Take = (records: readonly ConsumedRecord[], next: bigint) => void | Promise<void>

interface Feed {
  readonly partition: number
  readonly take: Take
  /** Undefined: from the oldest record. */
  position: bigint | undefined
  paused: boolean
  removed: boolean
  /** Settles when the records that are being handed over are. */
  busy: Promise<void> | undefined
  notBefore: number
}

const pauseMs = 200
const answerMs = 10_000
const slowMs = 50

/** Reads partitions from their leaders, one fetch at a time from each broker, and goes on whatever happens until a partition is removed. */
export class Fetcher {
  readonly #options: FetcherOptions
  readonly #feeds = new Map<number, Feed>()
  readonly #loops = new Set<number>()
  #handing: Promise<void> = Promise.resolve()
  #locating = false
  #closed = false
  healthy = true

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  /** Reads a partition from `position`, undefined or older than what is kept: from the oldest record. */
  add(partition: number, position: bigint | undefined, take: Take): void {
    this.#feeds.set(partition, {
      partition,
      take,
      position,
      paused: false,
      removed: false,
      busy: undefined,
      notBefore: 0,
    })
    this.#start()
  }

  /** Resolves when the handler of the partition is at rest; nothing more is handed over. */
  async remove(partition: number): Promise<void> {
    const feed = this.#feeds.get(partition)
    if (feed === undefined) return
    feed.removed = true
    this.#feeds.delete(partition)
    await feed.busy?.catch(() => {})
  }

  pause(partition: number): void {
    const feed = this.#feeds.get(partition)
    if (feed !== undefined) feed.paused = true
  }

  resume(partition: number): void {
    const feed = this.#feeds.get(partition)
    if (feed === undefined || !feed.paused) return
    feed.paused = false
    this.#start()
  }

  /** Resolves when all handlers are at rest. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#feeds.keys()].map((partition) => this.remove(partition)))
  }

  /** Sees to it that each broker that leads something to read is read from. */
  #start(): void {
    if (this.#closed) return
    const leaders = this.#options.cluster.knownLeaders(this.#options.topic)
    for (const { partition, paused } of this.#feeds.values()) {
      const node = leaders?.get(partition) ?? -1
      if (node < 0) void this.#locate()
      else if (!paused && !this.#loops.has(node)) void this.#loop(node)
    }
  }

  /** Asks who leads what, until every partition has a leader. */
  async #locate(): Promise<void> {
    if (this.#locating) return
    this.#locating = true
    const { cluster, topic } = this.#options
    while (!this.#closed && this.#feeds.size > 0) {
      try {
        if (cluster.knownLeaders(topic) !== undefined) await cluster.refresh()
        const leaders = await cluster.leaders(topic)
        if ([...this.#feeds.keys()].every((partition) => (leaders.get(partition) ?? -1) >= 0)) break
      } catch (error) {
        this.#failed('The leaders of partitions are not known yet; asking again.', error)
      }
      await delay(pauseMs)
    }
    this.#locating = false
    this.#start()
  }

  async #loop(node: number): Promise<void> {
    this.#loops.add(node)
    while (!this.#closed) {
      const leaders = this.#options.cluster.knownLeaders(this.#options.topic)
      if (leaders === undefined) break
      const here = [...this.#feeds.values()].filter(
        ({ partition, paused }) => !paused && leaders.get(partition) === node,
      )
      if (here.length === 0) break
      const now = performance.now()
      const ready = here.filter(({ busy, notBefore }) => busy === undefined && notBefore <= now)
      if (ready.length === 0) {
        await Promise.race([delay(pauseMs), ...here.map(({ busy }) => busy ?? delay(pauseMs))])
        continue
      }
      try {
        await this.#round(node, ready)
        this.healthy = true
      } catch (error) {
        this.#failed('A fetch failed; trying again.', error)
        await this.#options.cluster.refresh().catch(() => {})
        await delay(pauseMs)
      }
    }
    this.#loops.delete(node)
    this.#start()
  }

  async #round(node: number, feeds: readonly Feed[]): Promise<void> {
    const { cluster, topic, maxBytes, maxWaitMs, minBytes = 1 } = this.#options
    const lost = feeds.filter(({ position }) => position === undefined).map(({ partition }) => partition)
    const oldest = lost.length === 0 ? undefined : await offsetsAt(cluster, topic, earliest, lost)
    for (const feed of feeds) feed.position ??= oldest!.get(feed.partition)!
    const connection = await cluster.connection(node, 'fetch')
    const partitions = feeds.map(({ partition, position }) => ({ partition, offset: position! }))
    const { error, partitions: found } = await connection.request(
      fetch,
      { topic, maxWaitMs, minBytes, maxBytes, partitions },
      maxWaitMs + answerMs,
    )
    refuse(error, `to read ${topic}`)
    const works: Promise<void>[] = []
    for (const answer of found) {
      const feed = feeds.find(({ partition }) => partition === answer.partition)
      if (feed === undefined || feed.removed || feed.paused) continue
      const work = this.#take(feed, answer)
      if (this.#options.oneAtATime) await work
      else works.push(work)
    }
    // Whoever is slower than this is left out of the next fetch; a quick one would otherwise miss the turn that waits for new records.
    if (works.length > 0) await Promise.race([Promise.all(works), delay(slowMs)])
  }

  async #take(feed: Feed, { error, bytes }: FetchedPartition): Promise<void> {
    const { topic, log } = this.#options
    try {
      refuse(error, `to read partition ${feed.partition} of ${topic}`)
      const from = feed.position!
      const { records, next } = decodeBatches(bytes ?? Buffer.alloc(0), from)
      if (next === from) return
      const work = this.#hand(feed, records, next)
      feed.busy = work
      await work
      feed.position = next
    } catch (failure) {
      feed.notBefore = performance.now() + pauseMs
      if (!(failure instanceof KafkaError))
        log.error('Records were not taken; they come again.', { partition: feed.partition, error: failure })
      else if (failure.code === 'OFFSET_OUT_OF_RANGE') {
        log.warn('The topic no longer has the records from where reading stood; going on with the oldest.', {
          topic,
          partition: feed.partition,
          offset: feed.position,
        })
        feed.position = undefined
      } else {
        this.#failed('A partition cannot be read now; trying again.', failure)
        if (failure.stale) void this.#locateAnew()
      }
    } finally {
      feed.busy = undefined
    }
  }

  async #hand(feed: Feed, records: readonly ConsumedRecord[], next: bigint): Promise<void> {
    if (!this.#options.oneAtATime) return feed.take(records, next)
    const before = this.#handing
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#handing = promise
    await before
    try {
      if (!feed.removed) await feed.take(records, next)
    } finally {
      resolve()
    }
  }

  async #locateAnew(): Promise<void> {
    await this.#options.cluster.refresh().catch(() => {})
    this.#start()
  }

  #failed(message: string, error: unknown): void {
    // Once, and again after something went well.
    this.#options.log[this.healthy ? 'warn' : 'debug'](message, { error })
    this.healthy = false
  }
}

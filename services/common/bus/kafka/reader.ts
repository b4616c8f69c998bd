import { setTimeout as delay } from 'node:timers/promises'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Reader, RecordsHandler } from '../bus.ts'
import { BusError } from '../errors.ts'
import { Cluster } from './cluster.ts'
import { Fetcher } from './fetcher.ts'
import { offsetsAt } from './offsets.ts'
import type { KafkaOptions } from './options.ts'
import { earliest, latest } from './wire/log-apis.ts'

export interface KafkaReaderOptions extends KafkaOptions {
  readonly topic: TopicName
  /** The most bytes one fetch brings, over all partitions. Default: 8 MiB. */
  readonly maxFetchBytes?: number
}

const retryPauseMs = 250
const maxWaitMs = 100

/** Reads a topic without a group. */
export class KafkaReader implements Reader {
  readonly #options: KafkaReaderOptions
  readonly #cluster: Cluster
  readonly #following: Fetcher
  readonly #closing = new AbortController()
  readonly #reading = new Set<Fetcher>()
  #asked = true

  constructor(options: KafkaReaderOptions) {
    this.#options = options
    this.#cluster = new Cluster(options)
    this.#following = this.#fetcher()
  }

  #fetcher(): Fetcher {
    const { topic, log, maxFetchBytes = 8 * 2 ** 20 } = this.#options
    return new Fetcher({ cluster: this.#cluster, topic, log, maxBytes: maxFetchBytes, maxWaitMs })
  }

  get healthy(): boolean {
    return this.#asked && this.#following.healthy && !this.#closing.signal.aborted
  }

  async toEnd(
    partition: number,
    from: bigint | undefined,
    handle: RecordsHandler,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<bigint> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    const { start, end } = await this.#bounds(partition, stop)
    if (start === end || from === end) return end
    const fetcher = this.#fetcher()
    this.#reading.add(fetcher)
    const { promise, resolve, reject } = Promise.withResolvers<bigint>()
    const stopped = () => reject(stop.reason)
    stop.addEventListener('abort', stopped)
    if (stop.aborted) stopped()
    let done = false
    // A place beyond the end is one in a topic that was made anew since: the brokers refuse it, and reading begins with the oldest.
    fetcher.add(partition, from, async (records, next) => {
      if (done) return
      try {
        const wanted = records.filter(({ offset }) => offset < end)
        if (wanted.length > 0) await handle(wanted)
        if (next >= end) {
          done = true
          resolve(end)
        }
      } catch (error) {
        done = true
        reject(error)
      }
    })
    try {
      return await promise
    } finally {
      done = true
      stop.removeEventListener('abort', stopped)
      this.#reading.delete(fetcher)
      await fetcher.close()
    }
  }

  async #bounds(partition: number, stop: AbortSignal): Promise<{ readonly start: bigint; readonly end: bigint }> {
    const { topic, log } = this.#options
    for (;;) {
      stop.throwIfAborted()
      try {
        const [starts, ends] = await Promise.all(
          [earliest, latest].map((at) => offsetsAt(this.#cluster, topic, at, [partition])),
        )
        this.#asked = true
        return { start: starts!.get(partition)!, end: ends!.get(partition)! }
      } catch (error) {
        this.#asked = false
        log.warn('The bounds of a partition are not known yet; asking again.', { partition, error })
        await delay(retryPauseMs, undefined, { signal: stop }).catch(() => {})
      }
    }
  }

  follow(partition: number, from: bigint, handle: RecordsHandler): () => Promise<void> {
    this.#following.add(partition, from, async (records) => {
      if (records.length > 0) await handle(records)
    })
    return () => this.#following.remove(partition)
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return offsetsAt(this.#cluster, this.#options.topic, latest)
  }

  /** Partitions of the topic that lacked a replica in sync when their leaders were last asked for. */
  get underReplicated(): number {
    return this.#cluster.underReplicated
  }

  async close(): Promise<void> {
    this.#closing.abort(new BusError('CLOSED', 'The reader was closed.'))
    await Promise.all([this.#following, ...this.#reading].map((fetcher) => fetcher.close()))
    this.#cluster.close()
  }
}

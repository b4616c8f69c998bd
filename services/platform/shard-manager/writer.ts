import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumedRecord, Producer, Reader } from '../../common/bus/bus.ts'
import type { Log } from '../../common/log/log.ts'
import type { Outcome, Refusal } from '../../common/sharding/fold.ts'
import { encodeMapRecord, type MapRecord } from '../../common/sharding/format.ts'
import { breaches, faults } from '../../common/sharding/laws.ts'
import type { MapContent } from '../../common/sharding/map.ts'
import { ShardMapReader } from '../../common/sharding/reader.ts'

/** Another manager has taken over: nothing of this process counts any more. */
export class FencedError extends Error {
  readonly code = 'FENCED'
  constructor(writer: string) {
    super(`Another shard manager (${writer}) has taken over; this one ends. One replica of it is to run.`)
    this.name = 'FencedError'
  }
}

/** A version that would break a law of the map: a fault of ours, and nothing is written. */
export class UnlawfulError extends Error {
  readonly code = 'UNLAWFUL'
}

export interface MapWriterOptions {
  readonly reader: Reader
  readonly producer: Pick<Producer, 'send'>
  /** Names this process; unique for ever. Default: made up. */
  readonly writer?: string
  readonly log: Log
  readonly refused?: (why: Refusal) => void
  /** Between attempts at brokers that do not answer, milliseconds. Default: 500. */
  readonly retryMs?: number
}

const topic = 'shards.map'

/**
 * The one that publishes versions. What it writes counts when it has read it back from the log (see MapFold): an append whose answer got lost
 * is found there, and one that came after another manager's claim is refused by everybody, itself included.
 */
export class MapWriter {
  readonly maps: ShardMapReader
  readonly #options: MapWriterOptions & { readonly writer: string }
  readonly #ended = new AbortController()
  readonly #superseded = new Set<string>()
  #term = 0
  #attempts = 0
  #current: string | undefined
  #claimKey = ''
  #fenced: FencedError | undefined
  readonly #lost = Promise.withResolvers<FencedError>()

  constructor(options: MapWriterOptions) {
    this.#options = { writer: randomUUID(), ...options }
    const { reader, log, refused } = options
    this.maps = new ShardMapReader({ reader, log, ...(refused ? { refused } : {}) })
    this.maps.onOutcome((outcome, record) => this.#watch(outcome, record))
  }

  /** Resolves when another manager has taken over. */
  get lost(): Promise<FencedError> {
    return this.#lost.promise
  }

  /** Takes the map over from whoever wrote it before. Resolves when that counts; `maps.current` is what is to be gone on from then. */
  async claim(): Promise<void> {
    const { writer, reader, log } = this.#options
    await reader.toEnd(0, undefined, (records) => {
      for (const { key, value } of records) this.#note(key, value)
    })
    await this.maps.start()
    if (this.maps.unreadable > 0)
      throw new Error(
        `shards.map holds ${this.maps.unreadable} records that this manager cannot read; a newer one wrote them. Run that one, or a newer.`,
      )
    while (this.#term === 0) {
      const term = this.maps.term.term + 1
      const name = `claim/${term}/${writer}`
      const verdict = this.#verdict((outcome, key) => {
        if (!key.startsWith(`${name}/`)) return undefined
        return outcome.is === 'claim'
      })
      await this.#append(name, encodeMapRecord({ kind: 'claim', term, writer }), verdict)
      // Refused: another has claimed the same term before. The newest process is to win, so it claims the next.
      if (await verdict) this.#term = term
    }
    log.info('This manager writes the shard map now.', { term: this.#term, version: this.maps.current?.version ?? 0 })
  }

  /** Publishes the next version. Resolves when every reader will take it. Throws FencedError, UnlawfulError. One call at a time. */
  async publish(content: MapContent): Promise<void> {
    if (this.#fenced) throw this.#fenced
    const before = this.maps.current?.content
    const problems = [...faults(content), ...(before ? breaches(before, content) : [])]
    if (problems.length > 0)
      throw new UnlawfulError(`Version ${content.version} is not published: ${problems.join('; ')}.`)
    const { writer } = this.#options
    const record: MapRecord = { kind: 'map', term: this.#term, writer, content }
    const verdict = this.#verdict((outcome) =>
      outcome.is === 'map' && outcome.record.content.version === content.version ? true : undefined,
    )
    await this.#append(`map/${this.#term}/${content.version}/${writer}`, encodeMapRecord(record), verdict)
    await verdict
    await this.#retire()
  }

  async close(): Promise<void> {
    this.#ended.abort(new Error('The writer is closed.'))
    await this.maps.close()
  }

  /** Settles with what `judge` makes of the records that are read from now on; rejects when another takes over, or on close. */
  #verdict(judge: (outcome: Outcome, key: string) => boolean | undefined): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const stop = this.maps.onOutcome((outcome, { key }) => {
      const verdict = judge(outcome, key?.toString() ?? '')
      if (verdict !== undefined) resolve(verdict)
    })
    const closed = () => reject(this.#ended.signal.reason)
    this.#ended.signal.addEventListener('abort', closed, { once: true })
    if (this.#term > 0) void this.#lost.promise.then(reject)
    promise.catch(() => {})
    return promise.finally(() => {
      stop()
      this.#ended.signal.removeEventListener('abort', closed)
    })
  }

  /** Appends until an append is acknowledged or the verdict is there. Every attempt has a key of its own, so none can take another's place. */
  async #append(name: string, value: Buffer, verdict: Promise<boolean>): Promise<void> {
    const { producer, log, retryMs = 500 } = this.#options
    let settled = false
    const done = verdict.then(
      () => {
        settled = true
      },
      () => {
        settled = true
      },
    )
    while (!settled) {
      this.#ended.signal.throwIfAborted()
      const key = `${name}/${this.#attempts++}`
      const sending = producer.send([{ topic, partition: 0, key: Buffer.from(key), value }])
      sending.catch(() => {})
      try {
        // The verdict may be there before the answer is, and need not wait for it.
        await Promise.race([sending, done])
        return
      } catch (error) {
        log.warn('The shard map could not be written; trying again.', { error })
        await Promise.race([done, delay(retryMs, undefined, { signal: this.#ended.signal }).catch(() => {})])
      }
    }
  }

  #note(key: Buffer | null, value: Buffer): void {
    if (key === null) return
    if (value.length === 0) this.#superseded.delete(key.toString())
    else this.#superseded.add(key.toString())
  }

  #watch(outcome: Outcome, { key }: ConsumedRecord): void {
    const name = key?.toString() ?? ''
    if (outcome.is === 'claim') {
      if (outcome.record.writer === this.#options.writer) this.#claimKey = name
      else if (this.#term > 0) {
        this.#fenced ??= new FencedError(outcome.record.writer)
        this.#lost.resolve(this.#fenced)
      }
    } else if (outcome.is === 'map') {
      if (this.#current !== undefined) this.#superseded.add(this.#current)
      this.#current = name
    } else if (outcome.is === 'refused' && name !== '') this.#superseded.add(name)
  }

  /** Removes what the current version has followed. Only such records: whoever removes them, and when, changes nothing. */
  async #retire(): Promise<void> {
    const keys = [...this.#superseded].filter((key) => key !== this.#current && key !== this.#claimKey)
    if (keys.length === 0) return
    try {
      await this.#options.producer.send(
        keys.map((key) => ({ topic, partition: 0, key: Buffer.from(key), value: null })),
      )
      for (const key of keys) this.#superseded.delete(key)
    } catch (error) {
      this.#options.log.warn('Old versions of the shard map could not be removed; later.', { error })
    }
  }
}

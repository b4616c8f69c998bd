import type { TopicName } from '../../../policies/storage.ts'
import type { Reader, RecordsHandler } from './bus.ts'
import { BusError } from './errors.ts'
import type { MemoryBus } from './memory.ts'

interface Followed {
  position: bigint
  readonly handle: RecordsHandler
  stopped: boolean
  /** Settles when everything that was there has been handed over. */
  work: Promise<void>
  busy: boolean
}

export class MemoryReader implements Reader {
  readonly #bus: MemoryBus
  readonly #topic: TopicName
  readonly #closed: () => void
  readonly #followed = new Map<number, Followed>()
  #open = true

  constructor(bus: MemoryBus, topic: TopicName, closed: () => void) {
    this.#bus = bus
    this.#topic = topic
    this.#closed = closed
  }

  get healthy(): boolean {
    return this.#open
  }

  async toEnd(
    partition: number,
    from: bigint | undefined,
    handle: RecordsHandler,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<bigint> {
    if (!this.#open) throw new BusError('CLOSED', 'The reader is closed.')
    signal?.throwIfAborted()
    const records = this.#bus.records(this.#topic, partition)
    const end = BigInt(records.length)
    const wanted = records.slice(Number(from ?? 0n), Number(end))
    if (wanted.length > 0) await handle(wanted)
    return end
  }

  follow(partition: number, from: bigint, handle: RecordsHandler): () => Promise<void> {
    if (this.#followed.has(partition))
      throw new Error(`Partition ${partition} of ${this.#topic} is followed already; stop that first.`)
    const followed: Followed = { position: from, handle, stopped: false, work: Promise.resolve(), busy: false }
    this.#followed.set(partition, followed)
    this.#deliver(partition, followed)
    return async () => {
      followed.stopped = true
      if (this.#followed.get(partition) === followed) this.#followed.delete(partition)
      await followed.work
    }
  }

  /** Something was written to the topic. */
  wake(topic: TopicName): void {
    if (topic === this.#topic) for (const [partition, followed] of this.#followed) this.#deliver(partition, followed)
  }

  /** Resolves when every follower has been handed what is there. */
  async idle(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ work }) => work))
  }

  #deliver(partition: number, followed: Followed): void {
    if (followed.busy) return
    followed.busy = true
    followed.work = (async () => {
      await Promise.resolve()
      while (!followed.stopped) {
        const records = this.#bus.records(this.#topic, partition).slice(Number(followed.position))
        if (records.length === 0) break
        await followed.handle(records)
        followed.position += BigInt(records.length)
      }
      // In the turn of the last look: what is written later begins anew.
      followed.busy = false
    })()
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return this.#bus.endOffsets(this.#topic)
  }

  async close(): Promise<void> {
    this.#open = false
    this.#closed()
    const works = [...this.#followed.values()]
    for (const followed of works) followed.stopped = true
    this.#followed.clear()
    await Promise.all(works.map(({ work }) => work))
  }
}

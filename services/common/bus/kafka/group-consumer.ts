import { setTimeout as delay } from 'node:timers/promises'
import type { TopicName } from '../../../../policies/storage.ts'
import type { Committed, Consumer, ConsumerHandler } from '../bus.ts'
import { BusError } from '../errors.ts'
import { Cluster } from './cluster.ts'
import { Fetcher } from './fetcher.ts'
import { Membership, type MembershipOptions } from './membership.ts'
import { offsetsAt } from './offsets.ts'
import type { KafkaOptions } from './options.ts'
import { KafkaError } from './wire/errors.ts'
import { latest } from './wire/log-apis.ts'

export interface KafkaConsumerOptions extends KafkaOptions {
  readonly group: string
  readonly topic: TopicName
  /** A member that is silent this long loses its partitions. Default: 10 s. */
  readonly sessionTimeoutMs?: number
  /** The most bytes one fetch brings, over all partitions. Default: 8 MiB. */
  readonly maxFetchBytes?: number
  /**
   * For whom many records at once are worth more than the first one soon: a fetch is held until there are `bytes`, or for `milliseconds`. Default: a record
   * comes at once.
   */
  readonly gather?: { readonly bytes: number; readonly milliseconds: number }
}

/** What differs between the kinds of members. */
export interface MemberKind extends Pick<MembershipOptions, 'instanceId' | 'protocol' | 'metadata'> {
  readonly divide: (
    cluster: Cluster,
    ...args: Parameters<MembershipOptions['divide']>
  ) => ReturnType<MembershipOptions['divide']>
}

const retryPauseMs = 500
/** While nothing is new a broker holds a fetch this long; a partition that is resumed or comes new waits as long at most. */
const maxWaitMs = 100

const isFenced = (error: unknown): error is KafkaError => error instanceof KafkaError && error.fenced

/**
 * A member of a consumer group that commits by hand. It joins, is told its partitions, reads them until the group changes, lets go of all, and joins
 * again; whatever fails is tried again until `close`.
 */
export abstract class GroupConsumer implements Consumer {
  protected readonly options: KafkaConsumerOptions
  protected readonly cluster: Cluster
  protected readonly membership: Membership
  readonly #fetcher: Fetcher
  readonly #heartbeatMs: number
  /** What is ours and told to the handler; aborts when it is taken away. */
  readonly #owned = new Map<number, AbortController>()
  readonly #paused = new Set<number>()
  readonly #closing = new AbortController()
  #handler: ConsumerHandler | undefined
  /** From joining the group to the next change of its members. */
  #generation: AbortController | undefined
  /** Partitions are taken on and let go of one after the other. */
  #changes: Promise<void> = Promise.resolve()
  #living: Promise<void> = Promise.resolve()
  #alive = false

  constructor(options: KafkaConsumerOptions, { divide, ...kind }: MemberKind) {
    this.options = options
    const { group, topic, log, sessionTimeoutMs = 10_000, maxFetchBytes = 8 * 2 ** 20, gather } = options
    this.#heartbeatMs = Math.floor(sessionTimeoutMs / 5)
    this.cluster = new Cluster(options)
    this.membership = new Membership({
      ...kind,
      ...{ group, topic, sessionTimeoutMs, cluster: this.cluster },
      rebalanceTimeoutMs: 2 * sessionTimeoutMs,
      divide: (members) => divide(this.cluster, members),
    })
    this.#fetcher = new Fetcher({
      cluster: this.cluster,
      topic,
      log,
      maxBytes: maxFetchBytes,
      maxWaitMs: gather?.milliseconds ?? maxWaitMs,
      ...(gather ? { minBytes: gather.bytes } : {}),
      oneAtATime: true,
    })
  }

  /** The partitions to read in a generation, out of what the group assigned. */
  protected abstract partitionsOf(assignment: Buffer): readonly number[]

  /** Whether another process took this one's place for good; then what to wait for before trying again. */
  protected async displaced(_error: KafkaError, _signal: AbortSignal): Promise<void> {}

  get healthy(): boolean {
    return this.#generation !== undefined && this.#alive && this.#fetcher.healthy
  }

  async run(handler: ConsumerHandler): Promise<void> {
    this.#handler = handler
    this.#living = this.#live(this.#closing.signal)
  }

  async #live(closing: AbortSignal): Promise<void> {
    const { log, topic } = this.options
    let warned = false
    while (!closing.aborted) {
      try {
        // A group whose topic is not there yet would hold up its members for nothing.
        await this.cluster.leaders(topic)
        const assignment = await this.membership.join()
        if (closing.aborted) break
        warned = false
        await this.#serve(this.partitionsOf(assignment))
      } catch (error) {
        if (closing.aborted) break
        if (isFenced(error)) {
          if (error.code !== 'REBALANCE_IN_PROGRESS') this.membership.forget()
          await this.displaced(error, closing)
          continue
        }
        log[warned ? 'debug' : 'warn']('The group cannot be joined yet; trying again.', { error })
        warned = true
        await this.cluster.refresh().catch(() => {})
        await delay(retryPauseMs, undefined, { signal: closing }).catch(() => {})
      }
    }
  }

  /** One generation. Rejects with what ended it. */
  async #serve(partitions: readonly number[]): Promise<never> {
    const generation = new AbortController()
    this.#generation = generation
    this.#alive = true
    const beating = this.#beat(generation)
    this.take(partitions).catch(() => {})
    await beating
    this.#generation = undefined
    await this.#dropAll()
    throw generation.signal.reason
  }

  /** Shows signs of life until the generation ends. */
  async #beat(generation: AbortController): Promise<void> {
    const { signal } = generation
    while (!signal.aborted) {
      await delay(this.#heartbeatMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        await this.membership.heartbeat()
        this.#alive = true
      } catch (error) {
        this.#alive = false
        if (isFenced(error)) generation.abort(error)
        // Brokers out of reach take nothing away yet.
        else this.options.log.warn('The group was not told that this member lives; trying again.', { error })
      }
    }
  }

  /** Changes what is read, after the changes before. */
  protected change(work: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(work)
    this.#changes = done.catch(() => {})
    return done
  }

  protected get joined(): boolean {
    return this.#generation !== undefined
  }

  protected get owned(): readonly number[] {
    return [...this.#owned.keys()]
  }

  /** Takes partitions on: asks for their commits, tells the handler, reads. Rejects with what the handler threw, which ends the generation. */
  protected take(partitions: readonly number[]): Promise<void> {
    const generation = this.#generation
    const done = this.change(async () => {
      const committed = await this.#committedOf(partitions, generation)
      if (committed === undefined) return
      for (const partition of partitions) this.#owned.set(partition, new AbortController())
      await this.#handler!.assigned(partitions.map((partition) => ({ partition, committed: committed.get(partition) })))
      for (const partition of partitions) {
        const ended = this.#owned.get(partition)
        if (ended === undefined || ended.signal.aborted) continue
        this.#fetcher.add(partition, committed.get(partition)?.offset, async (records) => {
          if (records.length > 0) await this.#handler!.records(partition, records, ended.signal)
        })
        if (this.#paused.has(partition)) this.#fetcher.pause(partition)
      }
    })
    // A handler that cannot take its partitions on is given them anew.
    done.catch((error: unknown) => generation?.abort(error))
    return done
  }

  async #committedOf(
    partitions: readonly number[],
    generation: AbortController | undefined,
  ): Promise<ReadonlyMap<number, Committed> | undefined> {
    while (generation !== undefined && !generation.signal.aborted && !this.#closing.signal.aborted) {
      try {
        const committed = await this.committed(partitions)
        return generation.signal.aborted ? undefined : committed
      } catch (error) {
        this.options.log.warn('The commits of new partitions are not known yet; asking again.', { error })
        await delay(retryPauseMs, undefined, { signal: generation.signal }).catch(() => {})
      }
    }
    return undefined
  }

  /** Lets partitions go: their signals fire at once, the handler hears of it in its turn. Resolves when it is at rest. */
  protected drop(partitions: readonly number[]): Promise<void> {
    this.#fence(partitions)
    return this.change(async () => {
      const ours = partitions.filter((partition) => this.#owned.has(partition))
      if (ours.length === 0) return
      // Of those that were taken on since.
      this.#fence(ours)
      for (const partition of ours) {
        this.#owned.delete(partition)
        this.#paused.delete(partition)
      }
      const atRest = ours.map((partition) => this.#fetcher.remove(partition))
      try {
        await this.#handler!.revoked(ours)
      } catch (error) {
        this.options.log.error('Letting go of partitions failed.', { error })
      }
      await Promise.all(atRest)
    })
  }

  #fence(partitions: readonly number[]): void {
    const reason = new BusError('FENCED', 'The partition was taken away.')
    for (const partition of partitions) this.#owned.get(partition)?.abort(reason)
  }

  async #dropAll(): Promise<void> {
    this.#fence(this.owned)
    // What is being taken on just now is among them then.
    await this.#changes
    await this.drop(this.owned)
  }

  async commit(partition: number, offset: bigint, metadata = ''): Promise<void> {
    const owner = this.#owned.get(partition)
    const generation = this.#generation
    if (owner === undefined || owner.signal.aborted || generation === undefined)
      throw new BusError('FENCED', `Partition ${partition} is not ours now; its owner goes on from the last commit.`)
    try {
      await this.membership.commit([{ partition, offset, metadata }])
    } catch (cause) {
      if (!isFenced(cause))
        throw new BusError('UNAVAILABLE', `The commit for partition ${partition} was not confirmed.`, { cause })
      generation.abort(cause)
      throw new BusError('FENCED', `The commit for partition ${partition} came after a change of the group.`, { cause })
    }
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const offsets = await this.membership.committed(partitions)
    return new Map(offsets.map(({ partition, offset, metadata }) => [partition, { offset, metadata }]))
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return offsetsAt(this.cluster, this.options.topic, latest)
  }

  pause(partition: number): void {
    if (!this.#owned.has(partition)) return
    this.#paused.add(partition)
    this.#fetcher.pause(partition)
  }

  resume(partition: number): void {
    this.#paused.delete(partition)
    this.#fetcher.resume(partition)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const generation = this.#generation
    if (generation !== undefined) {
      await this.#dropAll()
      await this.membership.leave().catch((error: unknown) => {
        this.options.log.warn('The group was not told that this member leaves.', { error })
      })
      generation.abort(new BusError('CLOSED', 'The consumer was closed.'))
    }
    await this.#fetcher.close()
    this.cluster.close()
    await this.#living
    this.#alive = false
  }
}

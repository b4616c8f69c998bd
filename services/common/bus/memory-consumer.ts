import type { TopicName } from '../../../policies/storage.ts'
import type { Committed, Consumer, ConsumerHandler, SoleConsumer } from './bus.ts'
import { BusError } from './errors.ts'
import type { MemoryBus } from './memory.ts'

export class MemoryConsumer implements Consumer {
  readonly #bus: MemoryBus
  readonly #group: string
  readonly #topic: TopicName
  readonly #commits: Map<string, Committed>
  readonly #positions = new Map<number, bigint>()
  readonly #paused = new Set<number>()
  /** Each partition of ours, and what ends its spell. */
  readonly #owned = new Map<number, AbortController>()
  #handler: ConsumerHandler | undefined
  #runs = false

  constructor(bus: MemoryBus, group: string, topic: TopicName, commits: Map<string, Committed>) {
    this.#bus = bus
    this.#group = group
    this.#topic = topic
    this.#commits = commits
  }

  get healthy(): boolean {
    return this.#runs
  }

  protected get group(): string {
    return this.#group
  }

  protected wanted(): readonly number[] {
    return Array.from({ length: this.#bus.partitionsOf(this.#topic) }, (_, p) => p)
  }

  #key = (partition: number) => `${this.#group}:${this.#topic}:${partition}`

  async run(handler: ConsumerHandler): Promise<void> {
    this.#handler = handler
    await this.assign()
  }

  /** Begins a generation that owns every partition, or every chosen one. */
  async assign(): Promise<void> {
    this.#runs = true
    await this.take(this.wanted())
  }

  /** Ends the generation, as a change of the group does. */
  async revoke(): Promise<void> {
    if (!this.#runs) return
    this.#runs = false
    await this.drop([...this.#owned.keys()])
  }

  protected async take(partitions: readonly number[]): Promise<void> {
    const assignments = partitions.map((partition) => ({
      partition,
      committed: this.#commits.get(this.#key(partition)),
    }))
    for (const { partition, committed } of assignments) {
      this.#owned.set(partition, new AbortController())
      this.#paused.delete(partition)
      this.#positions.set(partition, committed?.offset ?? 0n)
    }
    await this.#handler!.assigned(assignments)
  }

  protected async drop(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) {
      this.#owned.get(partition)?.abort(new BusError('FENCED', 'The partitions were taken away.'))
      this.#owned.delete(partition)
    }
    await this.#handler!.revoked(partitions)
  }

  /** Hands over at most `most` records of each partition that is not paused. Answers how many there were. */
  async poll(most = 500): Promise<number> {
    let count = 0
    for (const [partition, ended] of [...this.#owned]) {
      if (this.#paused.has(partition) || ended.signal.aborted) continue
      const from = Number(this.#positions.get(partition) ?? 0n)
      const records = this.#bus.records(this.#topic, partition).slice(from, from + most)
      if (records.length === 0) continue
      await this.#handler!.records(partition, records, ended.signal)
      if (!ended.signal.aborted) this.#positions.set(partition, BigInt(from + records.length))
      count += records.length
    }
    return count
  }

  async commit(partition: number, offset: bigint, metadata = ''): Promise<void> {
    if (!this.#owned.has(partition)) throw new BusError('FENCED', `Partition ${partition} is not ours now.`)
    this.#commits.set(this.#key(partition), { offset, metadata })
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    return new Map(
      partitions.flatMap((partition) => {
        const found = this.#commits.get(this.#key(partition))
        return found ? [[partition, found] as const] : []
      }),
    )
  }

  async endOffsets(): Promise<ReadonlyMap<number, bigint>> {
    return this.#bus.endOffsets(this.#topic)
  }

  pause(partition: number): void {
    this.#paused.add(partition)
  }

  resume(partition: number): void {
    this.#paused.delete(partition)
  }

  async close(): Promise<void> {
    await this.revoke()
  }
}

export class MemorySoleConsumer extends MemoryConsumer implements SoleConsumer {
  readonly #holders: Map<string, MemorySoleConsumer>
  #chosen: readonly number[] = []

  constructor(
    bus: MemoryBus,
    group: string,
    topic: TopicName,
    commits: Map<string, Committed>,
    holders: Map<string, MemorySoleConsumer>,
  ) {
    super(bus, group, topic, commits)
    this.#holders = holders
  }

  protected override wanted(): readonly number[] {
    return this.#chosen
  }

  /** Takes the group over from whoever holds it. */
  override async assign(): Promise<void> {
    const before = this.#holders.get(this.group)
    this.#holders.set(this.group, this)
    if (before !== this) await before?.revoke()
    await super.assign()
  }

  async choose(partitions: readonly number[]): Promise<void> {
    const before = this.#chosen
    this.#chosen = [...new Set(partitions)]
    if (!this.healthy) return
    const [gone, come] = [
      before.filter((partition) => !this.#chosen.includes(partition)),
      this.#chosen.filter((partition) => !before.includes(partition)),
    ]
    if (gone.length > 0) await this.drop(gone)
    if (come.length > 0) await this.take(come)
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer, Producer } from '../../common/bus/bus.ts'
import { Placing } from '../../common/placing/placing.ts'
import { eventRecords } from '../../common/placing/records.ts'
import type { ShardMap } from '../../common/sharding/map.ts'
import { HotTierError } from './errors.ts'
import { readCommit } from './intent.ts'
import type { EventRecord, WaitingRecord } from './record.ts'

export interface PlacementsOptions {
  readonly maps: { readonly current: ShardMap | undefined }
  /** Of the topic of events; all of them. */
  readonly partitions: number
  readonly consumer: Pick<Consumer, 'committed'>
  readonly producer: Pick<Producer, 'send'>
  /** Between looks at the commits of others, milliseconds. Default: 100. */
  readonly pollMs?: number
}

/**
 * Where a record is to be stored from.
 * here: from the partition that it is in. moved: its tenant's events go elsewhere by now. ahead: only a map that is still to come says.
 */
export type Verdict = 'here' | 'moved' | 'ahead'

/** Looks at the commits of others before it is told as a failure. */
const looks = 20

/**
 * Keeps two copies of one event that lie in two partitions, because its tenant's placement changed between them, from being stored by two owners side by
 * side (docs/hot-tier.md, "Across a change of placement"; decision 25):
 *
 * - A record is stored from the partition where the current placement of its tenant puts it. One that an older placement put elsewhere is moved there.
 * - The owner of a partition says in its commits by which version it stores, and goes back behind none that was ever said.
 * - A record that came with version v is stored only after every partition has said v or more: by then nobody stores by an older one, and what was stored
 *   by it is found by the look-up.
 */
export class Placements {
  readonly #options: PlacementsOptions
  readonly #placing: Placing
  /** Every partition has said at least this. */
  #said = 0
  #asking: Promise<void> | undefined

  constructor(options: PlacementsOptions) {
    this.#options = options
    this.#placing = new Placing(options.maps)
  }

  /** The version that changed a placement last, as far as this process knows. */
  get version(): number {
    return this.#options.maps.current?.replaced ?? 0
  }

  judge(record: WaitingRecord): Verdict {
    if (record.kind !== 'events') return 'here'
    const since = this.#options.maps.current?.usedSince(record.tenant) ?? 0
    return record.since === since ? 'here' : record.since < since ? 'moved' : 'ahead'
  }

  /** Resolves when every partition is stored by this version or a later one. Rejects with HotTierError PLACEMENT when that takes long; try again. */
  async settled(version: number, signal: AbortSignal): Promise<void> {
    const { pollMs = 100 } = this.#options
    for (let look = 0; version > this.#said; look++) {
      if (look === looks)
        throw new HotTierError(
          'PLACEMENT',
          `A partition is not yet stored by version ${version} of the shard map, but by ${this.#said}.`,
        )
      if (look > 0) await delay(pollMs, undefined, { signal })
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined
      })
      await this.#asking
      signal.throwIfAborted()
    }
  }

  async #ask(): Promise<void> {
    const all = Array.from({ length: this.#options.partitions }, (_, partition) => partition)
    const committed = await this.#options.consumer.committed(all)
    const versions = all.map((partition) => {
      const found = committed.get(partition)
      return found === undefined ? 0 : readCommit(found).version
    })
    this.#said = Math.max(this.#said, Math.min(...versions))
  }

  /** Writes the events of records where the current placement of their tenants wants them. Rejects with BusError; may be repeated. */
  async move(records: readonly WaitingRecord[]): Promise<void> {
    const { producer, partitions } = this.#options
    await producer.send(
      records.flatMap((record) => {
        if (record.kind !== 'events') return []
        const { tenant, batch, arrival } = record
        const to = { ...this.#placing.of(tenant), partitions, again: true }
        return eventRecords(linesOf(record), { tenant, batch, arrival }, to)
      }),
    )
  }
}

const linesOf = ({ lines, bytes, offsets }: EventRecord) =>
  lines.map((line, i) => ({ line, bytes: bytes.subarray(offsets[i], offsets[i + 1]) }))

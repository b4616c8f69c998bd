import { setImmediate as macrotask } from 'node:timers/promises'
import type { OutgoingRecord } from '../../common/bus/bus.ts'
import type { Partition } from './partition.ts'
import { alertsFrom, committedText } from './positions.ts'
import { isDirty, type Slot } from './slot.ts'
import { snapshotRecords } from './slot-snapshot.ts'

interface Saved {
  readonly slot: Slot
  readonly changes: number
  readonly records: readonly OutgoingRecord[]
}

/** Bytes of snapshots in one call of the producer. */
const mostBytes = 4 * 2 ** 20

/**
 * Saves a partition, so that every alert is written once however this process ends:
 *
 * 1. A snapshot of a slot says the next offset `o`, and an end `e` of the partition's alerts from before any alert of `o` or later was written, by
 *    whomever: while a slot looks again at what a process before it had looked at, `e` stays where that began (`alertsFrom`).
 * 2. It is written when all alerts of events below `o` are acknowledged. Then `C` is committed: up to it, every slot is saved or unchanged.
 * 3. Whoever goes on restores each slot, begins at `o` (at `C`, where the slot did not change), and reads the ids of the alerts from `e` on. What
 *    is found again has the id that it had, and is left out.
 */
export class Saver {
  readonly #partition: Partition
  #committed: bigint | undefined
  #text: string
  #work: Promise<unknown> = Promise.resolve()
  /** Slots whose last snapshot may or may not have been written. */
  readonly #unsure = new Set<Slot>()

  constructor(partition: Partition) {
    this.#partition = partition
    const { committed } = partition.options
    this.#committed = committed?.offset
    this.#text = committed?.metadata ?? ''
  }

  /** Saves what changed, and commits. `alertsEnd`: the end of this partition's alerts, asked for before this call. One call after the other. */
  save(alertsEnd: bigint): Promise<void> {
    return this.#alone(() => this.#save(alertsEnd))
  }

  /** Saves one slot whether it changed or not, without a commit; with `final`, for the last time. Answers the offset. */
  one(slot: Slot, alertsEnd: bigint, final?: string): Promise<bigint> {
    return this.#alone(async () => {
      const { publisher } = this.#partition.options
      await this.#makeSure()
      const offset = this.#offsetOf(slot)
      const saved = this.#savedOf(slot, alertsEnd, final)
      if (final !== undefined) {
        slot.mode = 'stopped'
        slot.next = offset
      }
      await publisher.drained()
      await this.#write([saved])
      return offset
    })
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(work)
    this.#work = result.catch(() => {})
    return result
  }

  async #save(alertsEnd: bigint): Promise<void> {
    const partition = this.#partition
    const { publisher, commit, counts } = partition.options
    const position = partition.position
    if (position === undefined || partition.ended) return
    await this.#makeSure()
    const started = performance.now()
    const ours = [...partition.slots.values()].filter(({ mode }) => mode === 'own')
    const behind = ours.some((slot) => slot.behind)
    const text = committedText(ours.reduce((end, { again }) => alertsFrom(position, end, again), alertsEnd))
    const saved: Saved[] = []
    for (const slot of [...partition.slots.values()]) {
      // One that is behind is saved when it is not: its snapshot would be older than the commit that stands.
      if (slot.mode !== 'own' || slot.behind || !isDirty(slot)) continue
      saved.push(this.#savedOf(slot, alertsEnd))
      await macrotask()
    }
    await publisher.drained()
    await this.#write(saved)
    // What is behind is not saved up to here.
    if (!behind && position !== this.#committed) {
      await commit(position, text)
      this.#committed = position
      this.#text = text
    }
    publisher.settle(alertsEnd)
    if (!partition.looksAgain) publisher.caughtUp()
    const bytes = saved.reduce((sum, { records }) => sum + sizeOf(records), 0)
    counts.snapshot(bytes, (performance.now() - started) / 1_000)
  }

  #offsetOf({ behind, mode, next }: Slot): bigint {
    const position = this.#partition.position ?? 0n
    return mode === 'stopped' || behind || next > position ? next : position
  }

  #savedOf(slot: Slot, alertsEnd: bigint, final?: string): Saved {
    const { detector, partition } = this.#partition.options
    const offset = this.#offsetOf(slot)
    const snapshot = {
      slot: slot.id,
      epoch: slot.epoch,
      offset,
      alerts: alertsFrom(offset, alertsEnd, slot.again),
      ...(final === undefined ? {} : { final }),
      state: detector.save(slot),
    }
    return { slot, changes: slot.correlator?.changes ?? 0, records: snapshotRecords(snapshot, partition, slot.side) }
  }

  async #write(saved: readonly Saved[]): Promise<void> {
    if (saved.length === 0) return
    const { producer, commit } = this.#partition.options
    // Whoever has lost the partition writes nothing: what is committed is confirmed first.
    if (this.#committed !== undefined) await commit(this.#committed, this.#text)
    for (const some of chunks(saved)) {
      for (const { slot } of some) this.#unsure.add(slot)
      await producer.send(some.flatMap(({ records }) => records))
      for (const { slot, changes, records } of some) {
        this.#unsure.delete(slot)
        slot.saved = changes
        if (records.length > 1) slot.side = slot.side === 0 ? 1 : 0
      }
    }
  }

  /** After a failure it is not known which snapshot counts, and so under which names the next may be written: looks. */
  async #makeSure(): Promise<void> {
    if (this.#unsure.size === 0) return
    const ids = new Set([...this.#unsure].map(({ id }) => id))
    const fold = await this.#partition.tail((id) => ids.has(id)).read(this.#partition.signal)
    for (const slot of this.#unsure) {
      if (fold.of(slot.id)) slot.side = fold.sideFor(slot.id)
      slot.saved = undefined
    }
    this.#unsure.clear()
  }
}

const sizeOf = (records: readonly OutgoingRecord[]): number => records.reduce((sum, { value }) => sum + value.length, 0)

function* chunks(all: readonly Saved[]): Generator<readonly Saved[]> {
  let some: Saved[] = []
  let size = 0
  for (const one of all) {
    const own = sizeOf(one.records)
    if (some.length > 0 && size + own > mostBytes) {
      yield some
      some = []
      size = 0
    }
    some.push(one)
    size += own
  }
  if (some.length > 0) yield some
}

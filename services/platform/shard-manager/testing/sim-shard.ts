import type { MemoryBus } from '../../../common/bus/memory.ts'
import { type Duty, dutiesOf } from '../../../common/sharding/duties.ts'
import { MapFold } from '../../../common/sharding/fold.ts'
import { ShardMap } from '../../../common/sharding/map.ts'
import { encodeReport, type MoveReport, reportKey } from '../../../common/sharding/report.ts'
import { partitionOf, slotKey } from '../../../common/sharding/slot.ts'

/** What a simulated engine remembers of a slot: a number that every event of it, and their order, go into. */
export const observe = (state: number, event: number): number => (Math.imul(state, 31) + event + 7) | 0

/** Where a simulated engine reads and writes: a bus in memory, or a mirror of a real one. */
export type SimBus = Pick<MemoryBus, 'records' | 'append'>

interface Snapshot {
  readonly epoch: number
  readonly next: number
  readonly state: number
  /** No alert of `next` or later is before this in the alerts of the partition, whoever wrote it. */
  readonly alerts: number
  readonly final?: string
}

interface Held {
  next: number
  state: number
  /** Undefined: a shadow, which publishes nothing. */
  epoch: number | undefined
  /** Events below `until` may have been processed by a process before, and their alerts be there from `alerts` on. */
  readonly again: { readonly until: number; readonly alerts: number }
}

/** The process was ended in the middle of what it did. */
export class Killed extends Error {}

/**
 * An engine that obeys the map, in memory: it reads, processes and writes only when a test tells it to, so a test decides who is how far behind. Each
 * event that it processes as owner becomes an alert that names slot, offset, shard and epoch; one that is there already is left out, as the real engine does.
 */
export class SimShard {
  readonly shard: number
  readonly #bus: SimBus
  readonly #incarnation: string
  readonly #maxLag: number
  readonly #fold = new MapFold()
  readonly #held = new Map<number, Held>()
  readonly #said = new Map<string, MoveReport>()
  /** Alerts that it knows to be written, as slot/offset. */
  readonly #written = new Set<string>()
  #mapRead = 0
  #map: ShardMap | undefined
  /** Writes until the process ends; for tests of what a crash in between leaves. */
  writesLeft = Number.POSITIVE_INFINITY

  constructor(bus: SimBus, shard: number, incarnation: string, maxLag: number) {
    this.#bus = bus
    this.shard = shard
    this.#incarnation = incarnation
    this.#maxLag = maxLag
  }

  /** What it holds of a slot as its owner. */
  owned(slot: number): Held | undefined {
    const held = this.#held.get(slot)
    return held?.epoch === undefined ? undefined : held
  }

  /** Reads at most so many records of the map. A new process reads all before anything else. */
  readMap(most = Number.POSITIVE_INFINITY): void {
    const records = this.#bus.records('shards.map')
    for (const record of records.slice(this.#mapRead, this.#mapRead + most)) {
      this.#fold.apply(record)
      this.#mapRead++
    }
    const content = this.#fold.map?.content
    if (content && content.version !== this.#map?.version) this.#map = new ShardMap(content)
  }

  /** Does what the map asks for, then processes at most `most` events of each slot. */
  step(slots: readonly number[], most: number): void {
    const map = this.#map
    if (!map) return
    const duties = dutiesOf(map, this.shard)
    for (const slot of [...this.#held.keys()]) if (!duties.has(slot)) this.#held.delete(slot)
    const current = new Set([...duties.values()].flatMap((duty) => ('move' in duty ? [duty.move] : [])))
    for (const move of [...this.#said.keys()]) if (!current.has(move)) this.#said.delete(move)
    for (const slot of slots) {
      const duty = duties.get(slot)
      if (duty) this.#obey(map, slot, duty)
    }
    for (const slot of slots) this.#process(map, slot, duties.get(slot), most)
    this.report()
  }

  /** Writes a snapshot of each slot that it owns, as engines do now and then. */
  snapshot(slots: readonly number[]): void {
    for (const slot of slots) {
      const held = this.owned(slot)
      if (held && this.#map) this.#save(slot, held.epoch!, held)
    }
  }

  report(): void {
    if (!this.#map) return
    const { shard } = this
    const value = encodeReport({
      shard,
      incarnation: this.#incarnation,
      map: this.#map.version,
      at: 0,
      moves: [...this.#said.values()],
    })
    this.#write({ topic: 'shards.reports', partition: 0, key: Buffer.from(reportKey(shard)), value })
  }

  #obey(map: ShardMap, slot: number, duty: Duty): void {
    switch (duty.do) {
      case 'own':
      case 'serve':
        this.#own(slot, duty)
        break
      case 'copy': {
        this.#own(slot, duty)
        const held = this.#held.get(slot)!
        if (this.#said.has(duty.move)) return
        this.#save(slot, duty.epoch, held)
        this.#say(duty.move, slot, 'copied', held.next)
        break
      }
      case 'prepare':
        this.#say(duty.move, slot, 'ready')
        break
      case 'shadow': {
        if (!this.#held.has(slot)) this.#restore(slot, Number.POSITIVE_INFINITY, duty.begin, undefined)
        break
      }
      case 'stop': {
        let final = this.#snapshots(slot).find((one) => one.final === duty.move)
        if (!final) {
          this.#own(slot, duty)
          final = this.#save(slot, duty.epoch, this.#held.get(slot)!, duty.move)
        }
        this.#held.delete(slot)
        this.#say(duty.move, slot, 'stopped', final.next)
        break
      }
      case 'take': {
        const held = this.owned(slot)
        if (held?.epoch === duty.epoch) return
        const own = this.#best(slot, (one) => one.epoch === duty.epoch)
        const from = own ?? this.#snapshots(slot).find((one) => one.final === duty.move)
        if (!from) return
        this.#save(slot, duty.epoch, this.#takeOn(slot, from, 0, duty.epoch))
        this.#say(duty.move, slot, 'owned', from.next)
        break
      }
      case 'forget':
        this.#held.delete(slot)
        this.#say(duty.move, slot, 'forgotten')
        break
      default:
        duty satisfies never
        throw new Error(`${map.version}`)
    }
  }

  #own(slot: number, { epoch, begin }: { readonly epoch: number; readonly begin?: bigint }): void {
    const held = this.#held.get(slot)
    if (held?.epoch !== epoch) this.#restore(slot, epoch, begin, epoch)
  }

  #restore(slot: number, newest: number, begin: bigint | undefined, epoch: number | undefined): void {
    const from = this.#best(slot, (one) => one.epoch <= newest)
    this.#takeOn(slot, from, Number(begin ?? 0n), epoch)
  }

  /** Goes on from a snapshot, and learns which alerts of what comes after it are there. */
  #takeOn(slot: number, from: Snapshot | undefined, begin: number, epoch: number | undefined): Held {
    const { next, state, alerts } = from ?? { next: begin, state: 0, alerts: 0 }
    const partition = this.#partitionOf(slot)
    for (const { value } of this.#bus.records('alerts', partition).slice(alerts)) {
      const alert = JSON.parse(value.toString())
      this.#written.add(`${alert.slot}/${alert.offset}`)
    }
    const until = this.#bus.records('events.raw', partition).length
    const held = { next, state, epoch, again: { until, alerts } }
    this.#held.set(slot, held)
    return held
  }

  #process(map: ShardMap, slot: number, duty: Duty | undefined, most: number): void {
    const held = this.#held.get(slot)
    if (!held || !duty) return
    const partition = partitionOf(slot, map.content.partitions)
    const records = this.#bus.records('events.raw', partition)
    for (let left = most; left > 0 && held.next < records.length; held.next++) {
      const { key, value } = records[held.next]!
      if (key!.readUInt32BE() !== slot) continue
      left--
      held.state = observe(held.state, value.readUInt32BE())
      if (held.epoch === undefined || this.#written.has(`${slot}/${held.next}`)) continue
      const alert = { slot, offset: held.next, shard: this.shard, epoch: held.epoch }
      this.#write({ topic: 'alerts', partition, key: slotKey(slot), value: Buffer.from(JSON.stringify(alert)) })
      this.#written.add(`${slot}/${held.next}`)
    }
    if (duty.do !== 'shadow') return
    const lag = records.length - held.next
    if (lag <= this.#maxLag) this.#say(duty.move, slot, 'caught-up')
    else this.#said.delete(duty.move)
  }

  #say(move: string, slot: number, is: MoveReport['is'], offset?: number): void {
    this.#said.set(move, { move, slot, is, ...(offset === undefined ? {} : { offset: BigInt(offset) }) })
  }

  #save(slot: number, epoch: number, { next, state, again }: Held, final?: string): Snapshot {
    const partition = this.#partitionOf(slot)
    const alerts = next < again.until ? again.alerts : this.#bus.records('alerts', partition).length
    const snapshot = { epoch, next, state, alerts, ...(final === undefined ? {} : { final }) }
    const value = Buffer.from(JSON.stringify(snapshot))
    this.#write({ topic: 'correlation.state', partition, key: slotKey(slot), value })
    return snapshot
  }

  #partitionOf(slot: number): number {
    return partitionOf(slot, this.#map!.content.partitions)
  }

  #write(record: Parameters<SimBus['append']>[0]): void {
    if (this.writesLeft <= 0) throw new Killed()
    this.writesLeft--
    this.#bus.append(record)
  }

  #snapshots(slot: number): readonly Snapshot[] {
    return this.#bus
      .records('correlation.state', this.#partitionOf(slot))
      .filter(({ key }) => key!.readUInt32BE() === slot)
      .map(({ value }) => JSON.parse(value.toString()))
  }

  #best(slot: number, which: (one: Snapshot) => boolean): Snapshot | undefined {
    return this.#snapshots(slot)
      .filter(which)
      .toSorted((a, b) => b.epoch - a.epoch || b.next - a.next)[0]
  }
}

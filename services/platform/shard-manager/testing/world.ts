import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { sharding } from '../../../../policies/sharding.ts'
import { MemoryBus } from '../../../common/bus/memory.ts'
import { silentLog } from '../../../common/log/log.ts'
import { MapFold } from '../../../common/sharding/fold.ts'
import { breaches } from '../../../common/sharding/laws.ts'
import type { MapContent } from '../../../common/sharding/map.ts'
import { partitionOf, slotKey } from '../../../common/sharding/slot.ts'
import { ShardManager } from '../manager.ts'
import { plan } from '../plan/plan.ts'
import { MapWriter } from '../writer.ts'
import { Killed, observe, SimShard } from './sim-shard.ts'

const partitions = 4
/** The slots that have events, two of a partition. */
export const busySlots = [1, 5, 2, 6] as const
const maxLag = 2

interface Running {
  readonly writer: MapWriter
  readonly manager: ShardManager
}

/** A manager, shards and a load, all in memory; a test says who does what when, and who dies in the middle of what. */
export class World {
  readonly bus = new MemoryBus(partitions)
  readonly shards: SimShard[] = []
  readonly sent: { readonly slot: number; readonly offset: number }[] = []
  readonly failures: unknown[] = []
  #running: Running | undefined
  #count = 0
  #event = 0
  #now = 0
  #wanted: readonly (readonly [slot: number, to: number])[] = []

  async start(count: number): Promise<void> {
    await this.startManager()
    for (let shard = 0; shard < count; shard++) this.restart(shard)
  }

  get map(): MapContent {
    return MapFold.replay(this.bus.records('shards.map')).map!.content
  }

  send(slot: number): void {
    const partition = partitionOf(slot, partitions)
    const value = Buffer.alloc(4)
    value.writeUInt32BE(++this.#event)
    this.sent.push({ slot, offset: this.bus.records('events.raw', partition).length })
    this.bus.append({ topic: 'events.raw', partition, key: slotKey(slot), value })
  }

  /** A new process for a shard; the old one does nothing any more. */
  restart(shard: number): void {
    const fresh = new SimShard(this.bus, shard, `i${++this.#count}`, maxLag)
    fresh.readMap()
    this.shards[shard] = fresh
  }

  /** Lets a shard do something; if it dies of it, a new process takes its place. */
  act(shard: number, what: (it: SimShard) => void): void {
    try {
      what(this.shards[shard]!)
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.restart(shard)
    }
  }

  /** An older report comes again, as from a process that was thought dead. */
  repeatReport(which: number): void {
    const reports = this.bus.records('shards.reports')
    const old = reports[which % Math.max(1, reports.length)]
    if (old) this.bus.append({ topic: 'shards.reports', partition: 0, key: old.key, value: old.value })
  }

  /** `zombie`: the one before goes on, not knowing of it. */
  async startManager(zombie = false): Promise<void> {
    if (!zombie) await this.killManager()
    const name = `m${++this.#count}`
    const reader = this.bus.reader('shards.map')
    const writer = new MapWriter({ reader, producer: this.bus.producer(), writer: name, log: silentLog, retryMs: 1 })
    const manager = new ShardManager({
      writer,
      reports: this.bus.reader('shards.reports'),
      events: this.bus.reader('events.raw'),
      policy: { ...sharding, moves: { ...sharding.moves, inFlight: 3, stalled: '1s' } },
      shards: 2,
      region: 'local',
      partitions,
      log: { ...silentLog, error: (_, fields) => this.failures.push(fields?.error) },
      now: () => this.#now,
      plan: (input) => {
        const planned = plan(input)
        for (const [slot, to] of this.#wanted) planned.owners[slot] = to
        return planned
      },
    })
    const running = { writer, manager }
    this.#running = running
    void writer.lost.then(() => this.#end(running))
    await manager.start()
  }

  /** As by kill -9: nothing more of it is done, and nothing finished. */
  async killManager(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running) await this.#end(running)
  }

  async #end({ writer, manager }: Running): Promise<void> {
    await writer.close()
    await manager.close()
  }

  /** Asks for moves; nothing when something is under way or nobody is there to ask. */
  async rebalance(wanted: readonly (readonly [slot: number, to: number])[]): Promise<void> {
    this.#wanted = wanted
    const manager = this.#running?.manager
    if (!manager) return
    try {
      const { plan: id } = manager.offer({ cause: 'test', weights: {}, place: [], release: [] })
      await manager.rebalance(id, 'test', true)
    } catch (error) {
      if ((error as { status?: number }).status === undefined) this.failures.push(error)
    }
  }

  async abort(): Promise<void> {
    await this.#running?.manager.abort('test').catch((error: { status?: number }) => {
      if (error.status === undefined) this.failures.push(error)
    })
  }

  /** Time passes for the manager. */
  later(ms: number): void {
    this.#now += ms
  }

  /** What was written reaches whoever follows it. */
  async rest(): Promise<void> {
    for (let i = 0; i < 6; i++) await turn()
  }

  /** Everybody runs until nothing is under way. */
  async quiet(): Promise<void> {
    if (!this.#running) await this.startManager()
    for (let i = 0; i < 60; i++) {
      for (const shard of this.shards) {
        shard.writesLeft = Number.POSITIVE_INFINITY
        shard.readMap()
        shard.step(busySlots, Number.POSITIVE_INFINITY)
        // The other slots have no events; they are handed over all the same.
        shard.step(
          this.map.moves.map(({ slot }) => slot),
          Number.POSITIVE_INFINITY,
        )
      }
      await this.rest()
      if (i > 2 && this.map.rebalance === undefined && this.map.moves.length === 0) return
    }
    assert.fail(`Still under way: ${JSON.stringify(this.map.moves)}`)
  }

  /** Nothing lost, one alert and so one owner to an event, the state as if nothing had happened, and every version follows the one before. */
  check(): void {
    const owners = new Map<string, string[]>()
    for (const { value } of this.bus.records('alerts')) {
      const { slot, offset, shard, epoch } = JSON.parse(value.toString())
      const id = `${slot}/${offset}`
      owners.set(id, [...(owners.get(id) ?? []), `${shard}/${epoch}`])
    }
    for (const { slot, offset } of this.sent) {
      const by = owners.get(`${slot}/${offset}`)
      assert.equal(by?.length, 1, `event ${offset} of slot ${slot} has alerts by ${by ?? 'nobody'}`)
    }
    assert.equal(owners.size, this.sent.length)
    for (const slot of busySlots) {
      const events = this.bus
        .records('events.raw', partitionOf(slot, partitions))
        .filter(({ key }) => key!.readUInt32BE() === slot)
      const undisturbed = events.reduce((state, { value }) => observe(state, value.readUInt32BE()), 0)
      const holders = this.shards.filter((shard) => shard.owned(slot))
      assert.deepEqual(
        holders.map(({ shard }) => shard),
        [this.map.owners[slot]],
        `slot ${slot}`,
      )
      assert.equal(holders[0]!.owned(slot)!.state, undisturbed, `the state of slot ${slot}`)
    }
    this.#checkVersions()
    assert.deepEqual(
      this.failures.filter((error) => (error as { code?: string })?.code !== 'FENCED'),
      [],
    )
  }

  #checkVersions(): void {
    const fold = new MapFold()
    let before: MapContent | undefined
    for (const record of this.bus.records('shards.map')) {
      const outcome = fold.apply(record)
      if (outcome.is !== 'map') continue
      const { content } = outcome.record
      if (before) assert.deepEqual(breaches(before, content), [])
      before = content
    }
    assert.deepEqual(before, MapFold.replay(this.bus.records('shards.map')).map?.content)
  }
}

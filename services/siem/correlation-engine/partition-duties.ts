import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../common/log/log.ts'
import type { Duty } from '../../common/sharding/duties.ts'
import type { MoveReport, Progress } from '../../common/sharding/report.ts'
import type { Partition } from './partition.ts'
import type { Saver } from './saver.ts'
import type { Slot } from './slot.ts'
import type { SnapshotFold } from './slot-snapshot.ts'
import type { StateTail } from './state-tail.ts'

export interface PartitionDutiesOptions {
  readonly partition: Partition
  readonly saver: Saver
  /** The end of this partition's alerts, asked for now. */
  readonly alertsEnd: () => Promise<bigint>
  /** Records between the partition's position and its end, asked for now. */
  readonly lag: () => Promise<number>
  /** A shadow that is nearer to the end than so many records has caught up. */
  readonly maxLag: number
  /** What can be said of a move has changed. */
  readonly changed: () => void
  readonly log: Log
  /** Between looks at what another process does, milliseconds. Default: 100. */
  readonly pauseMs?: number
}

interface Task {
  readonly key: string
  readonly ended: AbortController
  readonly done: Promise<void>
}

const keyOf = (duty: Duty): string =>
  `${duty.do} ${'move' in duty ? duty.move : ''} ${'epoch' in duty ? duty.epoch : ''}`

/** Duties under which a slot is ours and has been since before this process. */
const owns = (duty: Duty): duty is Extract<Duty, { do: 'own' | 'serve' | 'copy' }> =>
  duty.do === 'own' || duty.do === 'serve' || duty.do === 'copy'

/** Does what the map asks of this shard for the slots of one partition, and knows how far it is (docs/sharding.md has the table of duties). */
export class PartitionDuties {
  readonly #options: PartitionDutiesOptions
  readonly #tasks = new Map<number, Task>()
  readonly #progress = new Map<number, MoveReport>()

  constructor(options: PartitionDutiesOptions) {
    this.#options = options
  }

  /** What is true of the moves of this partition's slots. */
  get reports(): readonly MoveReport[] {
    return [...this.#progress.values()]
  }

  /** Before the first record: takes the slots on that are ours already, where they were left. */
  async begin(duties: ReadonlyMap<number, Duty>): Promise<void> {
    const { partition } = this.#options
    const fold = await partition.tail((slot) => duties.has(slot)).read(partition.signal)
    const wanted = new Map<number, number>()
    for (const [slot, duty] of duties) {
      const found = fold.of(slot)
      if (owns(duty)) wanted.set(slot, duty.epoch)
      else if (duty.do === 'stop') {
        if (found?.final !== duty.move) wanted.set(slot, duty.epoch)
        else this.#tell(slot, duty.move, 'stopped', { offset: found.offset })
      } else if (duty.do === 'take' && (found?.epoch === duty.epoch || found?.final === duty.move))
        wanted.set(slot, duty.epoch)
    }
    await partition.restore(wanted, fold)
    for (const [slot, duty] of duties) if ('begin' in duty) this.#beginAt(slot, duty.begin)
    await this.apply(duties)
  }

  /** No record of a private slot is older than this. */
  #beginAt(id: number, begin: bigint | undefined): void {
    const slot = this.#options.partition.slots.get(id)
    if (slot && begin !== undefined && slot.next < begin) slot.next = begin
  }

  /** Goes over to other duties. Resolves when the slots that are ours without more ado are read. */
  async apply(duties: ReadonlyMap<number, Duty>): Promise<void> {
    const { partition } = this.#options
    for (const id of new Set([...this.#tasks.keys(), ...partition.slots.keys(), ...this.#progress.keys()]))
      if (!duties.has(id)) this.#leave(id)
    const fresh: Promise<void>[] = []
    for (const [id, duty] of duties) {
      const task = this.#tasks.get(id)
      const slot = partition.slots.get(id)
      if ((duty.do === 'own' || duty.do === 'serve') && slot?.mode === 'own') {
        // The usual case, of hundreds of slots at once: nothing to be done.
        slot.epoch = duty.epoch
        task?.ended.abort()
        this.#tasks.delete(id)
        this.#progress.delete(id)
        continue
      }
      if (task?.key === keyOf(duty)) continue
      task?.ended.abort()
      this.#forgetProgress(id, duty)
      const ended = new AbortController()
      const done = this.#again(id, duty, ended.signal, task?.done ?? Promise.resolve())
      this.#tasks.set(id, { key: keyOf(duty), ended, done })
      if (owns(duty)) fresh.push(done)
    }
    this.#options.changed()
    await Promise.all(fresh)
  }

  end(): void {
    for (const { ended } of this.#tasks.values()) ended.abort()
    this.#tasks.clear()
    this.#progress.clear()
  }

  #leave(id: number): void {
    this.#tasks.get(id)?.ended.abort()
    this.#tasks.delete(id)
    this.#progress.delete(id)
    this.#options.partition.drop(id)
  }

  /** What was said of another move, or of an earlier step, is not said again. A step that is the same in two phases is. */
  #forgetProgress(id: number, duty: Duty): void {
    const told = this.#progress.get(id)
    if (told && (!('move' in duty) || duty.move !== told.move || told.is !== 'stopped')) this.#progress.delete(id)
  }

  #tell(slot: number, move: string, is: Progress, more: Pick<MoveReport, 'offset' | 'lag'> = {}): void {
    this.#progress.set(slot, { move, slot, is, ...more })
    this.#options.changed()
  }

  /** Does a duty until it is done, or is one no more. */
  async #again(id: number, duty: Duty, signal: AbortSignal, before: Promise<void>): Promise<void> {
    const { partition, log, pauseMs = 100 } = this.#options
    await before
    while (!signal.aborted && !partition.ended) {
      try {
        await this.#do(id, duty, signal)
        return
      } catch (error) {
        if (signal.aborted || partition.ended) return
        log.warn('A duty of a slot is not done yet; trying again.', { slot: id, duty: duty.do, error })
        await this.#pause(5 * pauseMs, signal)
      }
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return delay(ms, undefined, { signal, ref: false }).catch(() => {})
  }

  async #do(id: number, duty: Duty, signal: AbortSignal): Promise<void> {
    switch (duty.do) {
      case 'own':
      case 'serve':
      case 'copy': {
        const slot = await this.#own(id, duty.epoch, duty.begin)
        if (duty.do === 'copy') this.#tell(id, duty.move, 'copied', { offset: await this.#save(slot, signal) })
        return
      }
      case 'stop': {
        const slot = this.#options.partition.slots.get(id)
        // Its last snapshot was found when the partition was taken on.
        if (slot) this.#tell(id, duty.move, 'stopped', { offset: await this.#stop(slot, duty.move) })
        return
      }
      case 'prepare':
        this.#tell(id, duty.move, 'ready')
        return
      case 'shadow':
        return this.#shadow(id, duty.move, duty.begin, signal)
      case 'take':
        return this.#take(id, duty, signal)
      case 'forget':
        this.#options.partition.drop(id)
        this.#tell(id, duty.move, 'forgotten')
        return
      default:
        duty satisfies never
    }
  }

  #tail(id: number): StateTail {
    return this.#options.partition.tail((slot) => slot === id)
  }

  /** A slot that is ours: the one that is there, else one made anew. */
  async #own(id: number, epoch: number, begin: bigint | undefined): Promise<Slot> {
    const { partition } = this.#options
    const known = partition.slots.get(id)
    if (known?.mode === 'own') {
      known.epoch = epoch
      return known
    }
    const fold = await this.#tail(id).read(partition.signal)
    return this.#takeOn(id, epoch, fold.of(id)?.offset ?? begin ?? 0n, fold)
  }

  /** Reads a slot up to where its partition is. */
  async #takeOn(
    id: number,
    epoch: number,
    next: bigint,
    fold: SnapshotFold,
    mode: Slot['mode'] = 'own',
  ): Promise<Slot> {
    const { partition } = this.#options
    const found = fold.of(id)
    const again = found && { until: await partition.eventsEnd(), alerts: found.alerts }
    const take = (): Slot => {
      const slot = partition.takeOn(id, epoch, next, fold)
      slot.mode = mode
      slot.again = again
      slot.behind = partition.position !== undefined && next < partition.position
      return slot
    }
    const slot = mode === 'own' && found ? await partition.options.publisher.learn(found.alerts, take) : take()
    await partition.catchUp([slot])
    return slot
  }

  /** Its snapshot is not to be older than the commit: one that is behind is saved when it is not. */
  async #save(slot: Slot, signal: AbortSignal): Promise<bigint> {
    const { pauseMs = 100 } = this.#options
    while (slot.behind && !signal.aborted) await this.#pause(pauseMs, signal)
    return this.#options.saver.one(slot, await this.#options.alertsEnd())
  }

  async #stop(slot: Slot, move: string): Promise<bigint> {
    return this.#options.saver.one(slot, await this.#options.alertsEnd(), move)
  }

  async #shadow(id: number, move: string, begin: bigint | undefined, signal: AbortSignal): Promise<void> {
    const { partition, lag, maxLag, pauseMs = 100 } = this.#options
    if (partition.slots.get(id)?.mode !== 'shadow') {
      const fold = await this.#tail(id).read(partition.signal)
      await this.#takeOn(id, 0, fold.of(id)?.offset ?? begin ?? 0n, fold, 'shadow')
    }
    while (!signal.aborted && !partition.ended) {
      const records = await lag()
      const told = this.#progress.has(id)
      if (records <= maxLag !== told) {
        if (told) this.#progress.delete(id)
        else this.#tell(id, move, 'caught-up', { lag: records })
      }
      await this.#pause(10 * pauseMs, signal)
    }
  }

  /** The snapshot by which the owner before stopped is the hand-over: from its offset on the slot is ours. */
  async #take(id: number, duty: Extract<Duty, { do: 'take' }>, signal: AbortSignal): Promise<void> {
    const { partition, pauseMs = 100 } = this.#options
    const known = partition.slots.get(id)
    let slot = known?.mode === 'own' && known.epoch === duty.epoch ? known : undefined
    const tail = this.#tail(id)
    while (slot === undefined) {
      signal.throwIfAborted()
      const fold = await tail.read(partition.signal)
      const found = fold.of(id)
      if (found?.final === duty.move || found?.epoch === duty.epoch)
        slot = await this.#takeOn(id, duty.epoch, found.offset, fold)
      else await this.#pause(pauseMs, signal)
    }
    this.#tell(id, duty.move, 'owned', { offset: await this.#save(slot, signal) })
  }
}

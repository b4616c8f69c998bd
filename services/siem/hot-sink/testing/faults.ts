import { setTimeout as delay } from 'node:timers/promises'
import { BusError } from '../../../common/bus/errors.ts'

/** What becomes of a deed of a member. */
export const faults = [
  'none',
  /** It takes its time, in which others do theirs. */
  'late',
  /** Nothing happens, and the caller hears of it. */
  'refused',
  /** It happens, and the caller hears that it may not have. */
  'answer lost',
  /** The process is killed before it. */
  'killed before',
  /** The process is killed after it. */
  'killed after',
  /** The process is paused before it, loses its partitions, and goes on when others have done its work. */
  'paused before',
] as const
export type Fault = (typeof faults)[number]

/** Some steps of a test. */
const lateMs = 6

/** What a member does that can fail. */
export type Deed = 'prepare' | 'commit' | 'ask' | 'insert' | 'letter' | 'look' | 'move'
export type Faults = Readonly<Partial<Record<Deed, readonly Fault[]>>>

/** Gives the deeds of all members their faults in order; after the last one everything works. */
export class Script {
  readonly #faults: Map<Deed, Fault[]>
  #wake = Promise.withResolvers<void>()

  constructor(script: Faults) {
    this.#faults = new Map(Object.entries(script).map(([deed, list]) => [deed as Deed, [...list]]))
  }

  next(deed: Deed): Fault {
    return this.#faults.get(deed)?.shift() ?? 'none'
  }

  /** Lets the paused go on. */
  wakeAll(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  get woken(): Promise<void> {
    return this.#wake.promise
  }
}

/** One process: it dies of its faults, and what is dead is fenced. */
export class Member {
  readonly #script: Script
  readonly died = Promise.withResolvers<void>()
  dead = false

  constructor(script: Script) {
    this.#script = script
  }

  #die(): void {
    this.dead = true
    this.died.resolve()
  }

  async step<T>(deed: Deed, work: () => Promise<T>, failure: () => Error): Promise<T> {
    const fault = this.#script.next(deed)
    switch (fault) {
      case 'none':
        return work()
      case 'late':
        await delay(lateMs)
        return work()
      case 'refused':
        throw failure()
      case 'answer lost':
        await work()
        throw failure()
      case 'killed before':
        this.#die()
        return new Promise(() => {})
      case 'killed after':
        await work()
        this.#die()
        return new Promise(() => {})
      case 'paused before': {
        const { woken } = this.#script
        this.#die()
        await woken
        return work()
      }
      default:
        return fault satisfies never
    }
  }

  refuseIfDead(): void {
    if (this.dead) throw new BusError('FENCED', 'Another member owns the partitions.')
  }
}

import assert from 'node:assert/strict'
import { partitionAt } from '../../../common/hot-tier/schema.ts'
import { HotTierError } from '../errors.ts'
import type { HotTier } from '../hot-tier.ts'
import { countsOf, storedOf } from './memory-hot-tier.ts'
import { type ReadRow, readRows } from './native.ts'

/** What may happen at any moment between replicas. */
export const happenings = [
  'nothing',
  /** A replica fetches a part that it lacks; with that the part may reach its quorum. */
  'fetch',
  /** The others give a part without quorum up, and forget its token; the replica that has it still shows it. */
  'give up',
  /** A part that was given up is taken away where it is. */
  'drop',
  'one goes away',
  'one comes back',
] as const
export type Happening = (typeof happenings)[number]

/** What becomes of an insert. */
export const landings = [
  /** A quorum of replicas has it at once. */
  'quorum',
  /** One replica has it, and the insert ends without knowing. */
  'alone',
  /** One replica has it, Keeper knows nothing of it, and the insert ends without knowing. */
  'unknown to Keeper',
  /** If it is a repetition of a part without quorum: the others give that up meanwhile, and the insert is answered with yes. */
  'false yes',
] as const
export type Landing = (typeof landings)[number]

interface Part {
  readonly name: string
  readonly token: string
  readonly rows: readonly ReadRow[]
  readonly on: Set<number>
  state: 'waiting' | 'confirmed' | 'given up'
}

/** Replicas of a table and their Keeper, in memory. After its script everything heals. */
export class MemoryReplicas {
  readonly replicas: number
  readonly quorum: number
  readonly #landings: Landing[]
  readonly #happenings: Happening[]
  #parts: Part[] = []
  readonly #away = new Set<number>()
  #turn = 1
  #number = 0

  constructor(replicas: number, quorum: number, landings: readonly Landing[], script: readonly Happening[]) {
    this.replicas = replicas
    this.quorum = quorum
    this.#landings = [...landings]
    this.#happenings = [...script]
  }

  readonly writer: Pick<HotTier, 'prepare' | 'insert'> = {
    prepare: async () => {},
    insert: async (token, rows) => this.#insert(token, readRows(rows)),
  }

  /** One replica by itself. */
  replica(index: number): Pick<HotTier, 'stored'> {
    return {
      stored: async (batches) => {
        this.#happen()
        if (this.#away.has(index)) throw new HotTierError('UNAVAILABLE', 'away')
        return this.#parts
          .filter(({ on }) => on.has(index))
          .flatMap(({ name, rows }) => storedOf(rows, batches).map((found) => ({ ...found, part: name })))
      },
    }
  }

  #insert(token: string, rows: readonly ReadRow[]): void {
    assert.equal(new Set(rows.map(({ arrival }) => partitionAt(arrival))).size, 1, 'a block is one part')
    this.#happen()
    const here = this.#present()
    if (here.length < this.quorum) throw new HotTierError('UNAVAILABLE', 'too few live replicas')
    const known = this.#parts.find((part) => part.token === token && part.state !== 'given up')
    const landing = this.#landings.shift() ?? 'quorum'
    if (known?.state === 'waiting' && landing === 'false yes') {
      known.state = 'given up'
      return
    }
    const part: Part = known ?? {
      name: `all_${this.#number}_${this.#number++}_0`,
      ...{ token, rows, on: new Set<number>(), state: 'waiting' },
    }
    if (!known) this.#parts.push(part)
    if (!known && landing === 'unknown to Keeper') part.state = 'given up'
    const copies = landing === 'quorum' || landing === 'false yes' ? this.quorum : 1
    for (const replica of this.#rotate(here)) if (part.on.size < copies) part.on.add(replica)
    this.#confirm(part)
    if (part.state !== 'confirmed') throw new HotTierError('UNAVAILABLE', 'unknown status of insert')
  }

  #confirm(part: Part): void {
    if (part.state === 'waiting' && part.on.size >= this.quorum) part.state = 'confirmed'
  }

  #happen(): void {
    const happening = this.#happenings.shift()
    const [waiting] = this.#parts.filter(({ state }) => state === 'waiting')
    switch (happening) {
      case undefined:
        this.heal()
        return
      case 'nothing':
        return
      case 'fetch':
        this.#fetchOnce()
        return
      case 'give up':
        if (waiting) waiting.state = 'given up'
        return
      case 'drop':
        this.#parts = this.#parts.filter(({ state }) => state !== 'given up')
        return
      case 'one goes away':
        if (this.#present().length > 1) this.#away.add(this.#rotate(this.#present())[0]!)
        return
      case 'one comes back':
        this.#away.delete([...this.#away][0] ?? -1)
        return
      default:
        happening satisfies never
    }
  }

  #fetchOnce(): void {
    const here = this.#present()
    for (const part of this.#parts) {
      if (part.state === 'given up' || !here.some((replica) => part.on.has(replica))) continue
      const to = here.find((replica) => !part.on.has(replica))
      if (to === undefined) continue
      part.on.add(to)
      this.#confirm(part)
      return
    }
  }

  /** All are there and have the same. */
  heal(): void {
    this.#away.clear()
    this.#parts = this.#parts.filter(({ state }) => state !== 'given up')
    for (const part of this.#parts) {
      for (const replica of this.#present()) part.on.add(replica)
      this.#confirm(part)
    }
  }

  /** How often each event is stored on a replica, by its id. */
  counts(index: number): Map<string, number> {
    return countsOf(this.#rowsOn(index))
  }

  #rowsOn(index: number): readonly ReadRow[] {
    return this.#parts.filter(({ on }) => on.has(index)).flatMap(({ rows }) => rows)
  }

  #present(): number[] {
    return Array.from({ length: this.replicas }, (_, index) => index).filter((index) => !this.#away.has(index))
  }

  /** So that it is not always the first. */
  #rotate(replicas: readonly number[]): readonly number[] {
    const from = this.#turn++ % replicas.length
    return [...replicas.slice(from), ...replicas.slice(0, from)]
  }
}

import type { Entry } from './entry.ts'
import type { Clause } from './rule.ts'

/**
 * Whether a clause's rules occurred in order, each strictly later than the one before, kept up to date in constant time per event: for
 * each length of the chain the latest time at which a chain of that length can have begun. Events of one time do not follow each other.
 */
export class Chain {
  readonly #slots: Clause
  /** By length - 1: the latest begin of a chain that ended before `#time`, and of one that ended by then. */
  #before: number[]
  #now: number[]
  #time = Number.NEGATIVE_INFINITY

  constructor(slots: Clause) {
    this.#slots = slots
    this.#before = slots.map(() => Number.NEGATIVE_INFINITY)
    this.#now = [...this.#before]
  }

  /** Takes slots that occurred at `time`, which must not be before that of the last call. */
  add(time: number, mask: number): void {
    if (time > this.#time) {
      for (let at = 0; at < this.#now.length; at++) this.#before[at] = this.#now[at] as number
      this.#time = time
    }
    for (let at = 0; at < this.#slots.length; at++) {
      if ((mask & (1 << (this.#slots[at] as number))) === 0) continue
      const begin = at === 0 ? time : (this.#before[at - 1] as number)
      if (begin > (this.#now[at] as number)) this.#now[at] = begin
    }
  }

  /** A whole chain began at `start` or later. */
  holds(start: number): boolean {
    return (this.#now[this.#now.length - 1] as number) >= start
  }

  reset(): void {
    this.#before.fill(Number.NEGATIVE_INFINITY)
    this.#now.fill(Number.NEGATIVE_INFINITY)
    this.#time = Number.NEGATIVE_INFINITY
  }

  /** The state as numbers (null for none), for `restore`. */
  save(): (number | null)[] {
    return [this.#time, ...this.#before, ...this.#now].map((n) => (Number.isFinite(n) ? n : null))
  }

  restore(saved: readonly (number | null)[]): void {
    const numbers = saved.map((n) => n ?? Number.NEGATIVE_INFINITY)
    const length = this.#slots.length
    if (numbers.length !== 1 + 2 * length) return
    this.#time = numbers[0] as number
    this.#before = numbers.slice(1, 1 + length)
    this.#now = numbers.slice(1 + length)
  }
}

/** Positions in `entries` (sorted, from `low` to before `high`) of the chain that ends earliest; undefined where there is none. */
export function earliestChain(
  entries: readonly Entry[],
  low: number,
  high: number,
  slots: Clause,
): number[] | undefined {
  const found: number[] = []
  let after = Number.NEGATIVE_INFINITY
  for (let at = low; at < high && found.length < slots.length; at++) {
    const { time, mask } = entries[at] as Entry
    if (time <= after || (mask & (1 << (slots[found.length] as number))) === 0) continue
    found.push(at)
    after = time
  }
  return found.length === slots.length ? found : undefined
}

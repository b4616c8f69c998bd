import { Group } from './group.ts'
import type { CorrelationRule } from './rule.ts'
import type { GroupValue } from './values.ts'

/** A time of a group that is to be settled. */
export interface Due {
  readonly time: number
  readonly group: Group
}

/** The groups of one correlation and tenant: found by key, ordered by last use, and asked which of them have times to settle. */
export class Table {
  readonly rule: CorrelationRule
  /** Events in all groups; kept by whoever puts them in and out. */
  entries = 0
  readonly #eager: boolean
  readonly #groups = new Map<string, Group>()
  #oldest: Group | undefined
  #newest: Group | undefined
  /** A binary heap by time. Items whose time is not their group's any more are stale. */
  readonly #due: Due[] = []

  constructor(rule: CorrelationRule, eager: boolean) {
    this.rule = rule
    this.#eager = eager
  }

  get size(): number {
    return this.#groups.size
  }

  /** The group that was used longest ago. */
  get oldest(): Group | undefined {
    return this.#oldest
  }

  /** From the one used longest ago to the last. */
  *groups(): Iterable<Group> {
    for (let group = this.#oldest; group; group = group.newer) yield group
  }

  get(key: string): Group | undefined {
    return this.#groups.get(key)
  }

  add(key: string, values: readonly GroupValue[]): Group {
    const group = new Group(this.rule, this.#eager, key, values)
    this.#groups.set(key, group)
    this.#append(group)
    return group
  }

  /** Marks a group as the last used. */
  touch(group: Group): void {
    if (group === this.#newest) return
    this.#unlink(group)
    this.#append(group)
  }

  remove(group: Group): void {
    this.#groups.delete(group.key)
    this.#unlink(group)
    group.due = Number.POSITIVE_INFINITY
  }

  #append(group: Group): void {
    group.older = this.#newest
    group.newer = undefined
    if (this.#newest) this.#newest.newer = group
    else this.#oldest = group
    this.#newest = group
  }

  #unlink(group: Group): void {
    if (group.older) group.older.newer = group.newer
    else this.#oldest = group.newer
    if (group.newer) group.newer.older = group.older
    else this.#newest = group.older
    group.older = undefined
    group.newer = undefined
  }

  /** The group has `time` to settle (too). */
  owe(group: Group, time: number): void {
    if (time >= group.due) return
    group.due = time
    const heap = this.#due
    let at = heap.length
    const item = { time, group }
    heap.push(item)
    while (at > 0) {
      const up = (at - 1) >> 1
      if ((heap[up] as Due).time <= time) break
      heap[at] = heap[up] as Due
      at = up
    }
    heap[at] = item
  }

  /** The first time that a group has to settle; Infinity for none. */
  get due(): number {
    const heap = this.#due
    for (let first = heap[0]; first; first = heap[0]) {
      if (first.group.due === first.time) return first.time
      this.#pop()
    }
    return Number.POSITIVE_INFINITY
  }

  /** The next group with a time before `until` to settle; it owes nothing then until it is told again. */
  nextDue(until: number): Due | undefined {
    if (this.due >= until) return undefined
    const due = this.#due[0] as Due
    this.#pop()
    due.group.due = Number.POSITIVE_INFINITY
    return due
  }

  #pop(): void {
    const last = this.#due.pop() as Due
    if (this.#due.length > 0) this.#sink(last)
  }

  #sink(item: Due): void {
    const heap = this.#due
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as Due).time < (heap[child] as Due).time) child++
      if ((heap[child] as Due).time >= item.time) break
      heap[at] = heap[child] as Due
      at = child
    }
    heap[at] = item
  }
}

import { type Entry, firstAt } from './entry.ts'
import { measureOf } from './measure.ts'
import { type CorrelationRule, opensOf } from './rule.ts'
import type { GroupValue } from './values.ts'
import { View } from './view.ts'

/** From so many entries on an index finds repetitions; below it, looking through is cheaper. */
const indexedFrom = 32

const identity = ({ ref, value }: Pick<Entry, 'ref' | 'value'>): string =>
  value === undefined ? ref : `${ref}\u0000${value}`

/** One group's events of one correlation and tenant, sorted by time; those of one time in the order in which they came. */
export class Group {
  readonly rule: CorrelationRule
  readonly key: string
  /** Values of the group-by fields, spelt as in the first event. */
  readonly values: readonly GroupValue[]
  readonly entries: Entry[] = []
  /** Slots whose events open windows that are asked when they are over; 0 for rules whose windows end with an event. */
  readonly opens: number
  /** Stands at the newest entry; of rules that fire at once. */
  readonly front: View | undefined
  /** Goes through the times that are settled; of rules that fire at once only while events that came late are to be settled. */
  sweep: View | undefined
  /** Times of late events, and up to when windows are to be asked again for them; Infinity and -Infinity without any. */
  late = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  /** Times of detections that still silence others. */
  reported: number[] = []
  /** The first time that is to be settled; Infinity for none. */
  due = Number.POSITIVE_INFINITY
  /** Neighbours in the order of last use; kept by the table. */
  older: Group | undefined
  newer: Group | undefined
  #index: Map<string, Entry> | undefined

  constructor(rule: CorrelationRule, eager: boolean, key: string, values: readonly GroupValue[]) {
    this.rule = rule
    this.key = key
    this.values = values
    this.opens = opensOf(rule.condition)
    if (eager) this.front = new View(measureOf(rule), rule.timespan)
    else this.sweep = new View(measureOf(rule), rule.timespan)
  }

  get newest(): number {
    return this.entries.at(-1)?.time ?? Number.NEGATIVE_INFINITY
  }

  /** The entry of the same event and value. */
  find(entry: Entry): Entry | undefined {
    if (this.#index) return this.#index.get(identity(entry))
    return this.entries.find(({ ref, value }) => ref === entry.ref && value === entry.value)
  }

  /** Puts an entry behind those of its time; its position. */
  insert(entry: Entry): number {
    const { entries } = this
    let at = entries.length
    if (entry.time < this.newest) at = firstAt(entries, entry.time + 1)
    if (at === entries.length) entries.push(entry)
    else entries.splice(at, 0, entry)
    const before = entries[at - 1]
    if (before?.time === entry.time && before.occurred) entry.occurred = true
    if (this.#index) this.#index.set(identity(entry), entry)
    else if (entries.length > indexedFrom) this.#index = new Map(entries.map((one) => [identity(one), one]))
    return at
  }

  /**
   * An event of `time`, before the newest, was put into the front: notes which windows are to be asked again when they are settled.
   * Whether the condition holds at the newest time; `holds` is what the front says.
   */
  cameLate(time: number, holds: boolean): boolean {
    const { front, late, entries } = this
    const now = front?.measure.inOrder ? front.again(entries) : holds
    const to = now === undefined ? time + this.rule.timespan : this.newest
    this.late = { from: Math.min(late.from, time), to: Math.max(late.to, to) }
    return now ?? false
  }

  /** Takes the first `count` entries out. */
  dropFirst(count: number): void {
    this.front?.dropFirst(this.entries, count)
    this.sweep?.dropFirst(this.entries, count)
    if (this.#index) for (let at = 0; at < count; at++) this.#index.delete(identity(this.entries[at] as Entry))
    if (count === 1) this.entries.shift()
    else this.entries.splice(0, count)
  }

  /** A detection at `time` would repeat one whose window it shares. */
  silent(time: number): boolean {
    for (const reported of this.reported) if (Math.abs(time - reported) <= this.rule.timespan) return true
    return false
  }

  /** The last entry of `time`. */
  lastOf(time: number): Entry | undefined {
    const { entries } = this
    const last = entries[entries.length - 1]
    if (last && last.time === time) return last
    const entry = entries[firstAt(entries, time + 1) - 1]
    return entry?.time === time ? entry : undefined
  }
}

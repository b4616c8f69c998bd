import { type Entry, firstAt } from './entry.ts'
import type { Measure } from './measure.ts'

/** A window of so many is measured anew in a few microseconds. */
const fewEntries = 64

/**
 * A sliding window over a group's sorted entries: it measures those of [time - timespan, time], and moves forward only. Positions are
 * those in the array of entries; whoever puts an entry in or takes the first ones out says so.
 */
export class View {
  readonly measure: Measure
  readonly #timespan: number
  /** Entries `#low` to before `#next` are measured. */
  #low = 0
  #next = 0

  constructor(measure: Measure, timespan: number) {
    this.measure = measure
    this.#timespan = timespan
  }

  /** Position of the first entry that it has not come to. */
  get next(): number {
    return this.#next
  }

  /** Begins anew where the first entry at or after `time` is the next. */
  seek(entries: readonly Entry[], time: number): void {
    this.measure.reset()
    this.#next = firstAt(entries, time)
    this.#low = firstAt(entries, time - this.#timespan)
    for (let at = this.#low; at < this.#next; at++) this.measure.add(entries[at] as Entry, true)
  }

  /** Begins anew at the newest entry. */
  stand(entries: readonly Entry[]): void {
    const newest = entries.at(-1)
    if (!newest) return
    this.seek(entries, newest.time)
    for (; this.#next < entries.length; this.#next++) this.measure.add(entries[this.#next] as Entry, true)
  }

  /** Takes entries up to `time` in and lets those go that are too old for it; when the window begins. */
  reach(entries: readonly Entry[], time: number): number {
    for (let next = entries[this.#next]; next && next.time <= time; next = entries[++this.#next])
      this.measure.add(next, true)
    const start = time - this.#timespan
    this.#leave(entries, start)
    return start
  }

  /** Goes to the next time that has an entry; that time, and whether the condition holds. */
  step(entries: readonly Entry[]): { readonly time: number; readonly holds: boolean } {
    const { time } = entries[this.#next] as Entry
    return { time, holds: this.measure.holds(this.reach(entries, time)) }
  }

  #leave(entries: readonly Entry[], start: number): void {
    for (; this.#low < this.#next && (entries[this.#low] as Entry).time < start; this.#low++)
      this.measure.remove(entries[this.#low] as Entry)
  }

  /** For a view that stands at the newest entry: an entry was put in at `at`. Whether the condition holds at the newest time. */
  front(entries: readonly Entry[], at: number): boolean {
    const latest = at === entries.length - 1
    const { time } = entries[entries.length - 1] as Entry
    const start = time - this.#timespan
    this.#next++
    if ((entries[at] as Entry).time < start && at <= this.#low) this.#low++
    else this.measure.add(entries[at] as Entry, latest)
    this.#leave(entries, start)
    return this.measure.holds(start)
  }

  /**
   * As `front`, when the entry was not the latest and the measure goes by the order: whether the condition holds, now that the window is
   * measured anew; undefined where that is dear, and the measure stays behind until the entry has left.
   */
  again(entries: readonly Entry[]): boolean | undefined {
    if (this.#next - this.#low > fewEntries) return undefined
    this.stand(entries)
    return this.measure.holds((entries[entries.length - 1] as Entry).time - this.#timespan)
  }

  /** As `front`, for more slots of the entry at `at`. */
  merged(entries: readonly Entry[], at: number, mask: number): boolean {
    const newest = (entries[entries.length - 1] as Entry).time
    const entry = entries[at] as Entry
    if (at >= this.#low && at < this.#next) this.measure.merge(entry, mask, entry.time === newest)
    return this.measure.holds(newest - this.#timespan)
  }

  /** The first `count` entries are about to be taken out. */
  dropFirst(entries: readonly Entry[], count: number): void {
    for (; this.#low < count && this.#low < this.#next; this.#low++) this.measure.remove(entries[this.#low] as Entry)
    this.#low = Math.max(0, this.#low - count)
    this.#next = Math.max(0, this.#next - count)
  }
}

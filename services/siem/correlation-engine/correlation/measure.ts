import { Chain } from './chain.ts'
import { passes } from './conditions.ts'
import type { Entry } from './entry.ts'
import { ExactSum } from './exact-sum.ts'
import { type Absence, absencesIn, type Comparison, type CorrelationRule, maskOf } from './rule.ts'

/** What a window measures, kept up to date as entries come into it and leave it. */
export interface Measure {
  /** An entry that is not the latest is not seen as it should be until the window is measured anew. */
  readonly inOrder: boolean
  /** `latest`: no entry of a later time is in the window. */
  add(entry: Entry, latest: boolean): void
  /** More slots of an entry that is in already. */
  merge(entry: Entry, mask: number, latest: boolean): void
  remove(entry: Entry): void
  reset(): void
  /** The condition holds in the window that begins at `start`. `opened`: slots that occurred at `start`, where the window is one that an event opened. */
  holds(start: number, opened?: number): boolean
  /** The measured number; undefined where there is nothing to measure. */
  value(): number | undefined
  /** What cannot be made from the entries again, for a snapshot. */
  save(): (number | null)[][] | undefined
  restore(saved: readonly (readonly (number | null)[])[]): void
}

abstract class Plain implements Measure {
  readonly inOrder = false
  readonly #comparisons: readonly Comparison[]
  constructor(comparisons: readonly Comparison[]) {
    this.#comparisons = comparisons
  }
  abstract add(entry: Entry): void
  abstract remove(entry: Entry): void
  abstract reset(): void
  abstract value(): number | undefined
  merge(_entry: Entry, _mask: number): void {}
  holds(): boolean {
    const value = this.value()
    return value !== undefined && passes(this.#comparisons, value)
  }
  save(): undefined {
    return undefined
  }
  restore(): void {}
}

/** event_count */
class Count extends Plain {
  #count = 0
  add(): void {
    this.#count++
  }
  remove(): void {
    this.#count--
  }
  reset(): void {
    this.#count = 0
  }
  value(): number {
    return this.#count
  }
}

/** value_count: events without the field count as events, not as a value. */
class Distinct extends Plain {
  readonly #values = new Map<string | number, number>()
  add({ value }: Entry): void {
    if (value !== undefined) this.#values.set(value, (this.#values.get(value) ?? 0) + 1)
  }
  remove({ value }: Entry): void {
    if (value === undefined) return
    const left = (this.#values.get(value) ?? 0) - 1
    if (left > 0) this.#values.set(value, left)
    else this.#values.delete(value)
  }
  reset(): void {
    this.#values.clear()
  }
  value(): number {
    return this.#values.size
  }
}

/** value_sum, value_avg */
class Sum extends Plain {
  readonly #mean: boolean
  readonly #sum = new ExactSum()
  #count = 0
  constructor(comparisons: readonly Comparison[], mean: boolean) {
    super(comparisons)
    this.#mean = mean
  }
  add({ value }: Entry): void {
    if (typeof value !== 'number') return
    this.#sum.add(value)
    this.#count++
  }
  remove({ value }: Entry): void {
    if (typeof value !== 'number') return
    this.#sum.add(-value)
    this.#count--
  }
  reset(): void {
    this.#sum.reset()
    this.#count = 0
  }
  value(): number | undefined {
    if (this.#count === 0) return undefined
    return this.#mean ? this.#sum.value / this.#count : this.#sum.value
  }
}

/** value_percentile, value_median: linear between the two nearest ranks. */
class Percentile extends Plain {
  readonly #part: number
  readonly #sorted: number[] = []
  constructor(comparisons: readonly Comparison[], percentile: number) {
    super(comparisons)
    this.#part = percentile / 100
  }
  #position(value: number): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }
  add({ value }: Entry): void {
    if (typeof value === 'number') this.#sorted.splice(this.#position(value), 0, value)
  }
  remove({ value }: Entry): void {
    if (typeof value === 'number') this.#sorted.splice(this.#position(value), 1)
  }
  reset(): void {
    this.#sorted.length = 0
  }
  value(): number | undefined {
    const sorted = this.#sorted
    if (sorted.length === 0) return undefined
    const rank = (sorted.length - 1) * this.#part
    const below = Math.floor(rank)
    const low = sorted[below] as number
    const high = sorted[below + 1] ?? low
    return low * (1 - (rank - below)) + high * (rank - below)
  }
}

/** temporal: which slots occur. */
class Slots implements Measure {
  readonly inOrder: boolean = false
  readonly #counts: number[]
  readonly #comparisons: readonly Comparison[]
  protected readonly masks: readonly { readonly needs: number; readonly lacks: number }[]
  protected present = 0
  #distinct = 0
  constructor(slots: number, comparisons: readonly Comparison[], absences: readonly Absence[]) {
    this.#counts = new Array<number>(slots).fill(0)
    this.#comparisons = comparisons
    this.masks = absences.map(({ needs, lacks }) => ({ needs: maskOf(needs), lacks: maskOf(lacks) }))
  }
  #bits(mask: number, by: 1 | -1): void {
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const bit = 1 << slot
      if ((mask & bit) === 0) continue
      const count = ((this.#counts[slot] as number) + by) as number
      this.#counts[slot] = count
      if (by === 1 && count === 1) {
        this.present |= bit
        this.#distinct++
      } else if (count === 0) {
        this.present &= ~bit
        this.#distinct--
      }
    }
  }
  add(entry: Entry, _latest: boolean): void {
    this.#bits(entry.mask, 1)
  }
  merge(_entry: Entry, mask: number, _latest: boolean): void {
    this.#bits(mask, 1)
  }
  remove(entry: Entry): void {
    this.#bits(entry.mask, -1)
  }
  reset(): void {
    this.#counts.fill(0)
    this.present = 0
    this.#distinct = 0
  }
  holds(_start: number, opened = -1): boolean {
    if (this.masks.length === 0) return passes(this.#comparisons, this.#distinct)
    for (const { needs, lacks } of this.masks)
      if ((this.present & needs) === needs && (this.present & lacks) === 0 && (opened & needs) !== 0) return true
    return false
  }
  value(): number {
    return this.#distinct
  }
  save(): (number | null)[][] | undefined {
    return undefined
  }
  restore(_saved: readonly (readonly (number | null)[])[]): void {}
}

/**
 * temporal_ordered. An event that comes late does not change the chains here, so `holds` may miss one until the window is measured
 * anew; it never holds without cause.
 */
class Ordered extends Slots {
  override readonly inOrder = true
  readonly #chains: readonly Chain[]
  constructor(slots: number, absences: readonly Absence[]) {
    super(slots, [], absences)
    this.#chains = absences.map(({ needs }) => new Chain(needs))
  }
  override add(entry: Entry, latest: boolean): void {
    super.add(entry, latest)
    if (latest) for (const chain of this.#chains) chain.add(entry.time, entry.mask)
  }
  override merge(entry: Entry, mask: number, latest: boolean): void {
    super.merge(entry, mask, latest)
    if (latest) for (const chain of this.#chains) chain.add(entry.time, mask)
  }
  override reset(): void {
    super.reset()
    for (const chain of this.#chains) chain.reset()
  }
  override holds(start: number, opened = -1): boolean {
    for (const [at, { needs, lacks }] of this.masks.entries())
      if ((this.present & lacks) === 0 && (opened & needs) !== 0 && this.#chains[at]?.holds(start)) return true
    return false
  }
  override save(): (number | null)[][] {
    return this.#chains.map((chain) => chain.save())
  }
  override restore(saved: readonly (readonly (number | null)[])[]): void {
    for (const [at, chain] of this.#chains.entries()) if (saved[at]) chain.restore(saved[at])
  }
}

/** A fresh measure of a rule's windows. */
export function measureOf({ type, condition, inputs, percentile }: CorrelationRule): Measure {
  const comparisons = condition.kind === 'compare' ? condition.comparisons : []
  const absences = absencesIn(condition)
  switch (type) {
    case 'event_count':
      return new Count(comparisons)
    case 'value_count':
      return new Distinct(comparisons)
    case 'value_sum':
      return new Sum(comparisons, false)
    case 'value_avg':
      return new Sum(comparisons, true)
    case 'value_percentile':
    case 'value_median':
      return new Percentile(comparisons, percentile ?? 50)
    case 'temporal':
      return new Slots(inputs.length, comparisons, absences)
    case 'temporal_ordered':
      return new Ordered(inputs.length, absences)
    default:
      return type satisfies never
  }
}

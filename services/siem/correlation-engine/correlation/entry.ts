/** One event (or one occurrence of a child correlation) in a window. */
export interface Entry {
  /** Event time, ms since 1970. */
  readonly time: number
  /** The event's id; of an occurrence a text that names its rule, group and time. */
  readonly ref: string
  /** Bit n: it matched the rule in slot n. */
  mask: number
  /** What the condition measures: a number, or the key of a distinct value; undefined where the event has none. */
  readonly value: number | string | undefined
  /** Fields for parents, in the order of the rule's `carry`. */
  readonly carry: readonly unknown[] | undefined
  /** Of an occurrence: ids of the events behind it. */
  readonly evidence: readonly string[] | undefined
  /** On the last entry of its time: the condition held at this time, and that is told already. */
  occurred: boolean
}

/** Position of the first entry at or after `time`. */
export function firstAt(entries: readonly Entry[], time: number, from = 0): number {
  let low = from
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as Entry).time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Of sorted entries: the slots among `opens` that occurred at `start`, and the next time at which one of `opens` did. */
export function openedAt(
  entries: readonly Entry[],
  start: number,
  opens: number,
): { readonly opened: number; readonly next: number | undefined } {
  let opened = 0
  for (let at = firstAt(entries, start); ; at++) {
    const entry = entries[at]
    if (!entry) return { opened, next: undefined }
    if ((entry.mask & opens) === 0) continue
    if (entry.time > start) return { opened, next: entry.time }
    opened |= entry.mask & opens
  }
}

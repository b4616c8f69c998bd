export interface LruOptions {
  readonly ttlMs: number
  readonly maxEntries: number
  /** The sizes of all values together, in whatever unit `set` is told. */
  readonly maxSize: number
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

interface Entry<V> {
  readonly value: V
  readonly size: number
  readonly until: number
}

/** Values in memory for a time, bounded in number and size; the one that was not asked for longest goes first. */
export class Lru<V> {
  readonly #options: LruOptions
  readonly #now: () => number
  /** In the order of use, the last used last. */
  readonly #entries = new Map<string, Entry<V>>()
  #size = 0

  constructor(options: LruOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  get entries(): number {
    return this.#entries.size
  }

  get size(): number {
    return this.#size
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    this.#remove(key, entry)
    if (entry.until <= this.#now()) return undefined
    this.#add(key, entry)
    return entry.value
  }

  /**
   * Keeps a value, until a time on the same clock if one is given, unless it is larger than all may be together; what was there under the
   * key is gone either way.
   */
  set(key: string, value: V, size: number, until?: number): void {
    const { ttlMs, maxEntries, maxSize } = this.#options
    const before = this.#entries.get(key)
    if (before) this.#remove(key, before)
    if (size > maxSize || maxEntries < 1) return
    this.#add(key, { value, size, until: Math.min(until ?? Number.POSITIVE_INFINITY, this.#now() + ttlMs) })
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= maxEntries && this.#size <= maxSize) return
      this.#remove(oldest, entry)
    }
  }

  #add(key: string, entry: Entry<V>): void {
    this.#entries.set(key, entry)
    this.#size += entry.size
  }

  #remove(key: string, entry: Entry<V>): void {
    this.#entries.delete(key)
    this.#size -= entry.size
  }
}

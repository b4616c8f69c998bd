import { unlessGone } from './gone.ts'
import { Lru } from './lru.ts'

/** What tells one state of somebody's data from another. */
export interface Version {
  readonly text: string
  /** When the look-up began, on the clock that never goes back: the data is at least as new as this. */
  readonly at: number
}

export interface VersionsOptions<S extends string> {
  /** Looks the versions of these tenants up where the data is, all at once: it costs little more than one. Answers one for each. */
  readonly look: (of: S, tenants: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** For so long a version is taken for the present one. */
  readonly ttlMs: number
  /** For so long the last one serves while it cannot be looked up. */
  readonly keepMs: number
  readonly maxEntries: number
  /** Look-ups of one kind of data at a time, and the most tenants that one takes along beside those who wait for it. */
  readonly maxRunning: number
  readonly maxAlong: number
  readonly now?: () => number
}

/** Whoever asked within so many times `ttlMs` is looked up before he asks again. */
const idleTtls = 10

interface Batch {
  readonly tenants: Set<string>
  readonly result: Promise<ReadonlyMap<string, Version>>
  readonly settle: (result: Promise<ReadonlyMap<string, Version>>) => void
}

/**
 * The versions of many tenants' data. Answers are kept under the version that they were made of, so that what changes is never answered with
 * what was: nobody has to tell a cache that it is old, and a cache that loses everything loses no change. Those who ask again and again
 * are looked up together, before their version is too old, so that no question waits for its version.
 */
export class Versions<S extends string> {
  readonly #options: VersionsOptions<S>
  readonly #lines = new Map<S, Line>()

  constructor(options: VersionsOptions<S>) {
    this.#options = options
  }

  /**
   * The present version, at most `ttlMs` old, or looked up from now on if it must be `fresh`. While that fails, the last one that was known;
   * undefined when none is. Rejects with the signal's reason as soon as it fires.
   */
  current(
    of: S,
    tenant: string,
    { fresh, signal }: { readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<Version | undefined> {
    const line = this.#lines.get(of) ?? new Line({ ...this.#options, look: (all) => this.#options.look(of, all) })
    this.#lines.set(of, line)
    return line.current(tenant, fresh, signal)
  }

  close(): void {
    for (const line of this.#lines.values()) line.close()
  }
}

type LineOptions = Omit<VersionsOptions<string>, 'look'> & {
  readonly look: (tenants: readonly string[]) => Promise<ReadonlyMap<string, string>>
}

/** The versions of one kind of data. */
class Line {
  readonly #options: LineOptions
  readonly #now: () => number
  readonly #known: Lru<Version>
  /** When each tenant asked last. */
  readonly #asked = new Map<string, number>()
  readonly #running = new Set<Batch>()
  #next: Batch | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: LineOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    const { keepMs, maxEntries } = options
    this.#known = new Lru({ ttlMs: keepMs, maxEntries, maxSize: maxEntries, now: this.#now })
  }

  async current(tenant: string, fresh: boolean, signal: AbortSignal): Promise<Version | undefined> {
    signal.throwIfAborted()
    const now = this.#now()
    if (this.#asked.has(tenant) || this.#asked.size < this.#options.maxEntries) this.#asked.set(tenant, now)
    const known = this.#known.get(tenant)
    if (!fresh && known && now - known.at < this.#options.ttlMs) return known
    try {
      return (await unlessGone(signal, this.#batchWith(tenant, fresh).result)).get(tenant)
    } catch (error) {
      if (signal.aborted) throw error
      return fresh ? undefined : this.#known.get(tenant)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #batchWith(tenant: string, fresh: boolean): Batch {
    if (!fresh) for (const batch of this.#running) if (batch.tenants.has(tenant)) return batch
    if (this.#next === undefined) {
      const { promise: result, resolve: settle } = Promise.withResolvers<ReadonlyMap<string, Version>>()
      // Whoever waits hears of a failure; a look-up that nobody waits for may fail.
      result.catch(() => {})
      this.#next = { tenants: new Set(), result, settle }
      queueMicrotask(() => this.#go())
    }
    const next = this.#next
    next.tenants.add(tenant)
    return next
  }

  #go(): void {
    const batch = this.#next
    if (batch === undefined || this.#running.size >= this.#options.maxRunning) return
    this.#next = undefined
    for (const tenant of this.#due().slice(0, this.#options.maxAlong)) batch.tenants.add(tenant)
    this.#running.add(batch)
    const result = this.#look([...batch.tenants])
    batch.settle(result)
    const end = () => {
      this.#running.delete(batch)
      this.#wait()
      this.#go()
    }
    result.then(end, end)
  }

  async #look(tenants: readonly string[]): Promise<ReadonlyMap<string, Version>> {
    const at = this.#now()
    const texts = await this.#options.look(tenants)
    const versions = new Map([...texts].map(([tenant, text]) => [tenant, { text, at }]))
    for (const [tenant, version] of versions) {
      const latest = this.#known.get(tenant)
      if (!latest || latest.at < at) this.#known.set(tenant, version, 1)
    }
    return versions
  }

  /** Those who ask again and again and whose version is half as old as it may become. */
  #due(): string[] {
    const { ttlMs } = this.#options
    const now = this.#now()
    for (const [tenant, last] of this.#asked) if (now - last >= idleTtls * ttlMs) this.#asked.delete(tenant)
    return [...this.#asked.keys()].filter((tenant) => {
      const known = this.#known.get(tenant)
      return known !== undefined && now - known.at >= ttlMs / 2
    })
  }

  #wait(): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const [first] = this.#due()
      if (first !== undefined && this.#running.size === 0) this.#batchWith(first, true)
      else if (this.#asked.size > 0) this.#wait()
    }, this.#options.ttlMs / 2)
    this.#timer.unref()
  }
}

import { Flights } from './flights.ts'
import { Lru } from './lru.ts'

/** What tells one state of somebody's data from another. */
export interface Version {
  readonly text: string
  /** When the look-up began, on the clock that never goes back: the data is at least as new as this. */
  readonly at: number
}

export interface VersionsOptions<S extends string> {
  /** Looks the version up where the data is. */
  readonly look: (of: S, tenant: string, signal: AbortSignal) => Promise<string>
  /** For so long a version is taken for the present one. */
  readonly ttlMs: number
  /** For so long the last one serves while it cannot be looked up. */
  readonly keepMs: number
  readonly maxEntries: number
  readonly now?: () => number
}

/**
 * The versions of many tenants' data. Answers are kept under the version that they were made of, so that what changes is never answered with
 * what was: nobody has to tell a cache that it is old, and a cache that loses everything loses no change.
 */
export class Versions<S extends string> {
  readonly #options: VersionsOptions<S>
  readonly #now: () => number
  readonly #known: Lru<Version>
  readonly #flights = new Flights<Version>()

  constructor(options: VersionsOptions<S>) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    const { keepMs, maxEntries } = options
    this.#known = new Lru({ ttlMs: keepMs, maxEntries, maxSize: maxEntries, now: this.#now })
  }

  /**
   * The present version, looked up at most once in `ttlMs`, or now if it must be `fresh`. While that fails, the last one that was known;
   * undefined when none is.
   */
  async current(
    of: S,
    tenant: string,
    { fresh, signal }: { readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<Version | undefined> {
    const key = `${of}:${tenant}`
    const known = this.#known.get(key)
    if (!fresh && known && this.#now() - known.at < this.#options.ttlMs) return known
    try {
      return await this.#flights.join(key, { fresh, signal }, async (flight) => {
        flight.departed()
        const at = this.#now()
        const version = { text: await this.#options.look(of, tenant, flight.signal), at }
        const latest = this.#known.get(key)
        if (!latest || latest.at < at) this.#known.set(key, version, 1)
        return version
      })
    } catch (error) {
      if (signal.aborted) throw error
      return fresh ? undefined : this.#known.get(key)
    }
  }
}

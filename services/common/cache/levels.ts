import type { Lru } from './lru.ts'
import type { RedisCache } from './redis.ts'

export type Level = 'L1' | 'L2'
/** `bad`: something was there that nobody may use. */
export type LookupResult = 'hit' | 'miss' | 'error' | 'bad'

/** Brings a value into a text and back. `decode` answers undefined for whatever is not such a value. */
export interface Codec<V> {
  encode(value: V): string
  decode(text: string): V | undefined
}

/** Where a value is kept: near under what was asked, far under that and the version of the data that it was made of. */
export interface Keys {
  readonly near: string
  readonly far: string
}

export interface CacheLevelsOptions<V> {
  readonly near: Lru<V>
  readonly far: Pick<RedisCache, 'get' | 'set'>
  readonly nearTtlMs: number
  readonly farTtlMs: number
  /** Longer texts are not sent to the shared level. */
  readonly maxFarLength: number
  readonly count: (level: Level, result: LookupResult) => void
  readonly now?: () => number
}

/**
 * Two levels in front of something slow: L1 in the process, L2 shared by all replicas. Neither ever throws: a level that fails is only
 * missed. A key must name everything that the value depends on, whose it is above all.
 */
export class CacheLevels<V> {
  readonly #options: CacheLevelsOptions<V>
  readonly #now: () => number

  constructor(options: CacheLevelsOptions<V>) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  near({ near }: Pick<Keys, 'near'>): V | undefined {
    const value = this.#options.near.get(near)
    this.#options.count('L1', value === undefined ? 'miss' : 'hit')
    return value
  }

  /**
   * Looks in L2; what is found there is in L1 from now on, until it is `nearTtlMs` since `asOf`, when it was known to be the present state. `again`:
   * for somebody who has looked before, and is not counted twice.
   */
  async far(keys: Keys, codec: Codec<V>, asOf: number, again = false): Promise<V | undefined> {
    const { far } = this.#options
    const count = (level: Level, result: LookupResult): void => {
      if (!again || result === 'hit') this.#options.count(level, result)
    }
    let text: string | undefined
    try {
      text = await far.get(keys.far)
    } catch {
      count('L2', 'error')
      return undefined
    }
    if (text === undefined) {
      count('L2', 'miss')
      return undefined
    }
    const value = open(text, keys.far, codec)
    count('L2', value === undefined ? 'bad' : 'hit')
    if (value !== undefined) this.#keepNear(keys, value, text.length, asOf)
    return value
  }

  /** Keeps a value that was the state of `asOf`, so long that no level answers older than it promises; does not wait for the shared one. */
  async put(keys: Keys, value: V, codec: Codec<V>, asOf: number): Promise<void> {
    const { far, farTtlMs, maxFarLength, count } = this.#options
    const text = seal(codec.encode(value), keys.far)
    this.#keepNear(keys, value, text.length, asOf)
    const left = Math.floor(farTtlMs - (this.#now() - asOf))
    if (text.length > maxFarLength || left < 1) return
    await far.set(keys.far, text, left).catch(() => count('L2', 'error'))
  }

  /** In L1 alone: what has no version. */
  putNear(keys: Pick<Keys, 'near'>, value: V, codec: Codec<V>, asOf: number): void {
    this.#keepNear(keys, value, codec.encode(value).length, asOf)
  }

  #keepNear({ near: key }: Pick<Keys, 'near'>, value: V, size: number, asOf: number): void {
    const { near, nearTtlMs } = this.#options
    near.set(key, value, size, asOf + nearTtlMs)
  }
}

/** The text carries its key, so that a text under a wrong key, or an answer to another command, is recognised. */
const seal = (text: string, key: string): string => `${key}\n${text}`

function open<V>(text: string, key: string, codec: Codec<V>): V | undefined {
  if (!text.startsWith(`${key}\n`)) return undefined
  try {
    return codec.decode(text.slice(key.length + 1))
  } catch {
    return undefined
  }
}

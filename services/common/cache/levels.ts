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

export interface CacheLevelsOptions<V> {
  readonly near: Lru<V>
  readonly far: Pick<RedisCache, 'get' | 'set'>
  readonly farTtlMs: number
  /** Longer texts are not sent to the shared level. */
  readonly maxFarLength: number
  readonly count: (level: Level, result: LookupResult) => void
}

/**
 * Two levels in front of something slow: L1 in the process, L2 shared by all replicas. Neither ever throws: a level that fails is only
 * missed. A key must name everything that the value depends on, whose it is above all.
 */
export class CacheLevels<V> {
  readonly #options: CacheLevelsOptions<V>

  constructor(options: CacheLevelsOptions<V>) {
    this.#options = options
  }

  near(key: string): V | undefined {
    const value = this.#options.near.get(key)
    this.#options.count('L1', value === undefined ? 'miss' : 'hit')
    return value
  }

  /** Looks in L2; what is found there is in L1 from now on. */
  async far(key: string, codec: Codec<V>): Promise<V | undefined> {
    const { near, far, count } = this.#options
    let text: string | undefined
    try {
      text = await far.get(key)
    } catch {
      count('L2', 'error')
      return undefined
    }
    if (text === undefined) {
      count('L2', 'miss')
      return undefined
    }
    const value = open(text, key, codec)
    count('L2', value === undefined ? 'bad' : 'hit')
    if (value !== undefined) near.set(key, value, text.length)
    return value
  }

  /** Keeps a value in both levels; does not wait for the shared one. */
  put(key: string, value: V, codec: Codec<V>): void {
    const { near, far, farTtlMs, maxFarLength, count } = this.#options
    const text = seal(codec.encode(value), key)
    near.set(key, value, text.length)
    if (text.length <= maxFarLength) far.set(key, text, farTtlMs).catch(() => count('L2', 'error'))
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

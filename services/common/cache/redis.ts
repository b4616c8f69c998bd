import { isIP } from 'node:net'
import { Redis } from 'ioredis'
import type { EnvReader } from '../config/reader.ts'
import type { Log } from '../log/log.ts'
import type { TlsFiles } from '../tls/material.ts'

/** Where the cache that replicas share answers. */
export interface RedisConfig {
  readonly url: URL
  /** Default: the one that Redis calls `default`. */
  readonly user?: string
  readonly password: string
  /** Who vouches for the server: the region's own authority, or the public ones that Node knows (ElastiCache). Default: region. */
  readonly ca?: 'region' | 'system'
}

/** ND_REDIS_URL (rediss), ND_REDIS_USER, ND_REDIS_PASSWORD_FILE, ND_REDIS_CA (region or system). */
export function redisConfig(env: EnvReader): RedisConfig {
  const user = env.text('ND_REDIS_USER', '')
  return {
    url: env.url('ND_REDIS_URL', ['rediss:']),
    password: env.secretFile('ND_REDIS_PASSWORD_FILE'),
    ca: env.oneOf('ND_REDIS_CA', ['region', 'system'], 'region'),
    ...(user === '' ? {} : { user }),
  }
}

export interface RedisCacheOptions {
  readonly config: RedisConfig
  readonly tls: Pick<TlsFiles, 'current' | 'onChange'>
  readonly log: Log
  /** How long one exchange may take, milliseconds. */
  readonly timeoutMs: number
}

class CacheError extends Error {
  readonly code: 'CACHE_UNAVAILABLE' | 'CACHE_SLOW'
  constructor(code: CacheError['code'], message: string) {
    super(message)
    this.name = 'CacheError'
    this.code = code
  }
}

/** After an answer that came too late nobody asks for so long: a slow cache must not cost every caller its timeout. */
const pauseMs = 1_000
/** Without a byte for so long while an answer is due, a connection is dead. */
const silenceMs = 2_000
const longestRetryMs = 5_000
const defaultPort = 6379
const releaseScript = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
const incrementScript =
  "local n = redis.call('incr', KEYS[1]) if n == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end return n"

/**
 * Texts in Redis over TLS. Rejects with CacheError when Redis is away or slow, within `timeoutMs` and without a queue; connects again
 * by itself, with growing pauses.
 */
export class RedisCache {
  readonly #redis: Redis
  readonly #timeoutMs: number
  readonly #log: Log
  #pausedUntil = 0
  /** What the log said last. */
  #saidAway = false

  constructor({ config: { url, user, password, ca: authority = 'region' }, tls, log, timeoutMs }: RedisCacheOptions) {
    this.#timeoutMs = timeoutMs
    this.#log = log
    const secure = {
      minVersion: 'TLSv1.2' as const,
      ...(isIP(url.hostname) ? {} : { servername: url.hostname }),
      ...(authority === 'region' ? { ca: tls.current.ca } : {}),
    }
    // The connections to come take their options from this object.
    if (authority === 'region') tls.onChange(({ ca }) => Object.assign(secure, { ca }))
    this.#redis = new Redis({
      host: url.hostname,
      port: Number(url.port || defaultPort),
      ...(user === undefined ? {} : { username: user }),
      password,
      tls: secure,
      connectTimeout: silenceMs,
      socketTimeout: silenceMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      // After a failover the old primary lives on as a replica; the name leads to the new one.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestRetryMs) * (0.5 + Math.random() / 2),
    })
    this.#redis.on('ready', () => {
      this.#saidAway = false
      log.info('The shared cache answers.')
    })
    this.#redis.on('error', (error: NodeJS.ErrnoException) => this.#away(error.code ?? error.name))
    this.#redis.on('close', () => this.#away('CLOSED'))
  }

  /** The text under a key that has not expired. */
  async get(key: string): Promise<string | undefined> {
    return (await this.#within(() => this.#redis.get(key))) ?? undefined
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#within(() => this.#redis.set(key, text, 'PX', ttlMs))
  }

  /** Whether the key was free, and is `owner`'s for so long. */
  async claim(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.#within(() => this.#redis.set(key, owner, 'PX', ttlMs, 'NX'))) === 'OK'
  }

  /** Gives a claim back, unless it is another's by now. */
  async release(key: string, owner: string): Promise<void> {
    await this.#within(() => this.#redis.eval(releaseScript, 1, key, owner))
  }

  /** Adds one to a count that begins at 0 and is forgotten after `ttlMs`; answers the new count. */
  async increment(key: string, ttlMs: number): Promise<number> {
    return Number(await this.#within(() => this.#redis.eval(incrementScript, 1, key, ttlMs)))
  }

  close(): void {
    this.#saidAway = true
    this.#redis.disconnect()
  }

  async #within<T>(exchange: () => Promise<T>): Promise<T> {
    if (this.#redis.status !== 'ready') throw new CacheError('CACHE_UNAVAILABLE', 'The shared cache is not connected.')
    if (performance.now() < this.#pausedUntil)
      throw new CacheError('CACHE_SLOW', 'The shared cache was slow a moment ago and is left alone.')
    const late = Promise.withResolvers<never>()
    let waiting = true
    const giveUp = () => {
      if (!waiting) return
      this.#pausedUntil = performance.now() + pauseMs
      late.reject(new CacheError('CACHE_SLOW', `The shared cache did not answer within ${this.#timeoutMs} ms.`))
    }
    // An answer that arrived while this process was busy is read before it is called late.
    const timer = setTimeout(() => setImmediate(giveUp), this.#timeoutMs)
    try {
      return await Promise.race([exchange(), late.promise])
    } catch (error) {
      if (error instanceof CacheError) throw error
      // Redis' own words may hold keys; nobody needs more than that it failed.
      throw new CacheError('CACHE_UNAVAILABLE', 'The shared cache did not take the command.')
    } finally {
      waiting = false
      clearTimeout(timer)
    }
  }

  #away(code: string): void {
    if (this.#saidAway) return
    this.#saidAway = true
    this.#log.warn('The shared cache does not answer; everything goes on without it.', { code })
  }
}

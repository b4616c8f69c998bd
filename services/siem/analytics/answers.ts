import { createHash } from 'node:crypto'
import type { Claims } from '../../common/cache/claims.ts'
import { type Flight, Flights } from '../../common/cache/flights.ts'
import type { CacheLevels, Codec, Level } from '../../common/cache/levels.ts'
import type { Lru } from '../../common/cache/lru.ts'
import type { Version, Versions } from '../../common/cache/versions.ts'
import { HttpError } from '../../common/http/errors.ts'
import { type Answer, answerCodec } from './answer.ts'
import type { Gate } from './gate.ts'
import type { HotTier } from './hot-tier.ts'
import type { SourceName } from './sources.ts'
import type { Statement } from './statement.ts'

/** Something to find out for one tenant. */
export interface Ask {
  readonly tenant: string
  readonly source: SourceName
  /** Everything of the question that its answer depends on, in one form. */
  readonly form: object
  readonly statement: Statement
  readonly maxRows: number
}

/** An answer, and when the hot tier held it so, on the clock that never goes back. */
export interface Kept {
  readonly answer: Answer
  readonly asOf: number
}

export interface Found extends Kept {
  readonly cached: 'none' | Level
}

export interface Caller {
  /** The answer must not be older than the call. */
  readonly fresh: boolean
  readonly signal: AbortSignal
}

export interface AnswersOptions {
  readonly caches: CacheLevels<Kept>
  readonly versions: Pick<Versions<SourceName>, 'current'>
  readonly claims: Pick<Claims, 'wait'>
  /** Refusals that the same question would meet again. */
  readonly refusals: Lru<HttpError>
  readonly gate: Pick<Gate, 'pass'>
  readonly hotTier: Pick<HotTier, 'run'>
  readonly refusedAgain: () => void
  readonly now?: () => number
}

/** Counted up when a question or an answer changes its form: what older replicas keep is another key then. */
const formatVersion = 2
/** What the same question costs again, and with the same end. */
const lasting: ReadonlySet<string> = new Set(['QUERY_TIMEOUT', 'TOO_EXPENSIVE'])

/** Answers questions: out of this process, out of the shared cache, from the hot tier. */
export class Answers {
  readonly #options: AnswersOptions
  readonly #now: () => number
  readonly #flights = new Flights<Found>()

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Rejects with the HttpError that the caller gets, or with the signal's reason. */
  async find(ask: Ask, { fresh, signal }: Caller): Promise<Found> {
    const { caches, refusals, refusedAgain } = this.#options
    const key = cacheKey(ask)
    if (!fresh) {
      const near = caches.near({ near: key })
      if (near) return { ...near, cached: 'L1' }
      const refused = refusals.get(key)
      if (refused) {
        refusedAgain()
        throw refused
      }
    }
    return this.#flights.join(key, { fresh, signal }, (flight) => this.#ask(key, ask, fresh, flight))
  }

  async #ask(key: string, ask: Ask, fresh: boolean, flight: Flight): Promise<Found> {
    const { caches, versions, claims } = this.#options
    const version = await versions.current(ask.source, ask.tenant, { fresh, signal: flight.signal })
    if (version === undefined) return this.#run(key, ask, flight, undefined)
    const far = cacheKey(ask, version)
    const keys = { near: key, far }
    if (fresh) return this.#run(key, ask, flight, far)
    const codec = keptCodec(ask, version.at)
    const look = async (again: boolean) => caches.far(keys, codec, version.at, again)
    const found = await look(false)
    if (found) return { ...found, cached: 'L2' }
    const turn = await claims.wait(far, () => look(true), flight.signal)
    if ('result' in turn) return { ...turn.result, cached: 'L2' }
    return this.#run(key, ask, flight, far, turn.done)
  }

  /** Asks the hot tier and keeps what it says; `done` is called when that has been kept, or has failed. */
  async #run(key: string, ask: Ask, flight: Flight, far: string | undefined, done = () => {}): Promise<Found> {
    const { caches, gate, hotTier, refusals } = this.#options
    let asOf = 0
    try {
      const answer = await gate.pass(ask.tenant, flight.signal, () => {
        flight.departed()
        asOf = this.#now()
        return hotTier.run(ask.statement, flight.signal)
      })
      const kept = { answer, asOf }
      const codec = keptCodec(ask, asOf)
      if (far === undefined) caches.putNear({ near: key }, kept, codec, asOf)
      else void caches.put({ near: key, far }, kept, codec, asOf).finally(done)
      return { ...kept, cached: 'none' }
    } catch (error) {
      done()
      if (error instanceof HttpError && lasting.has(error.code)) refusals.set(key, error, 1)
      throw error
    }
  }
}

/**
 * The tenant stands in every key, in the clear and before everything of the question: an answer cannot be found with another tenant's token. With a
 * version of the tenant's data, it is the key of the shared cache.
 */
export function cacheKey({ tenant, source, form, statement }: Omit<Ask, 'maxRows'>, version?: Version): string {
  const text = JSON.stringify([tenant, source, form, statement.columns])
  const digest = createHash('sha256').update(text).digest('base64url')
  return `nd:query:${formatVersion}:${tenant}:${version === undefined ? 'near' : `at:${version.text}`}:${digest}`
}

function keptCodec({ statement, maxRows }: Ask, asOf: number): Codec<Kept> {
  const codec = answerCodec(statement.columns, maxRows)
  return {
    encode: ({ answer }) => codec.encode(answer),
    decode: (text) => {
      const answer = codec.decode(text)
      return answer && { answer, asOf }
    },
  }
}

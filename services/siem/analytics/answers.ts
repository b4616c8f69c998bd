import { createHash } from 'node:crypto'
import type { Claims } from '../../common/cache/claims.ts'
import { type Flight, Flights } from '../../common/cache/flights.ts'
import type { CacheLevels, Codec, Level } from '../../common/cache/levels.ts'
import type { Lru } from '../../common/cache/lru.ts'
import type { Version, Versions } from '../../common/cache/versions.ts'
import { HttpError } from '../../common/http/errors.ts'
import { codeOf, ended, type Span, within } from '../../common/tracing/span.ts'
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
  /** Of a call that is in a trace. */
  readonly span?: Span | undefined
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
  async find(ask: Ask, caller: Caller): Promise<Found> {
    const span = caller.span?.child('answer', { attributes: { 'nd.source': ask.source } })
    const found = this.#find(ask, { ...caller, span })
    if (span !== undefined) void found.then(({ cached }) => span.set({ 'nd.cached': cached })).catch(() => {})
    return ended(span, found)
  }

  async #find(ask: Ask, { fresh, signal, span }: Caller): Promise<Found> {
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
    // Who comes while it is under way waits for the same answer: only the first one's trace shows how it is found.
    return this.#flights.join(key, { fresh, signal }, (flight) => this.#ask(key, ask, fresh, flight, span))
  }

  async #ask(key: string, ask: Ask, fresh: boolean, flight: Flight, span: Span | undefined): Promise<Found> {
    const { caches, versions, claims } = this.#options
    const { signal } = flight
    const version = await within(span, 'version', () => versions.current(ask.source, ask.tenant, { fresh, signal }))
    const run = (far: string | undefined, done?: () => void) => this.#run(key, ask, flight, span, far, done)
    if (version === undefined) return run(undefined)
    const far = cacheKey(ask, version)
    const keys = { near: key, far }
    if (fresh) return run(far)
    const codec = keptCodec(ask, version.at)
    const look = async (again: boolean) => caches.far(keys, codec, version.at, again)
    const found = await within(span, 'shared cache', () => look(false))
    if (found) return { ...found, cached: 'L2' }
    const turn = await claims.wait(far, () => look(true), signal)
    if ('result' in turn) return { ...turn.result, cached: 'L2' }
    return run(far, turn.done)
  }

  /** Asks the hot tier and keeps what it says; `done` is called when that has been kept, or has failed. */
  async #run(
    key: string,
    ask: Ask,
    flight: Flight,
    span: Span | undefined,
    far: string | undefined,
    done = () => {},
  ): Promise<Found> {
    const { caches, gate, hotTier, refusals } = this.#options
    let asOf = 0
    const line = span?.child('wait in line')
    try {
      const answer = await gate.pass(ask.tenant, flight.signal, () => {
        line?.finish()
        flight.departed()
        asOf = this.#now()
        return within(span, 'hot tier', () => hotTier.run(ask.statement, flight.signal))
      })
      const kept = { answer, asOf }
      const codec = keptCodec(ask, asOf)
      if (far === undefined) caches.putNear({ near: key }, kept, codec, asOf)
      else void caches.put({ near: key, far }, kept, codec, asOf).finally(done)
      return { ...kept, cached: 'none' }
    } catch (error) {
      line?.fail(codeOf(error)).finish()
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

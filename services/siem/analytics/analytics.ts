import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Flight, Flights } from '../../common/cache/flights.ts'
import type { CacheLevels, Level } from '../../common/cache/levels.ts'
import { authenticate } from '../../common/http/bearer.ts'
import { readRequestBody } from '../../common/http/body.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Exchange, Answer as HttpAnswer, Routes } from '../../common/http/server.ts'
import { requireHome } from '../../common/tenants/home.ts'
import type { TenantRegistry } from '../../common/tenants/registry.ts'
import { type Answer, answerCodec } from './answer.ts'
import type { Gate } from './gate.ts'
import type { HotTier } from './hot-tier.ts'
import type { AnalyticsMetrics } from './metrics.ts'
import { parseQuestion, type Question } from './question.ts'
import { statementFor } from './statement.ts'

export interface AnalyticsOptions {
  readonly region: string
  readonly maxRows: number
  readonly tenants: Pick<TenantRegistry, 'find'>
  readonly caches: CacheLevels<Answer>
  readonly gate: Gate
  readonly hotTier: Pick<HotTier, 'run'>
  readonly metrics: Pick<AnalyticsMetrics, 'errors'>
}

interface Found {
  readonly answer: Answer
  readonly cached: 'none' | Level
}

/** The longest question. */
const maxBodyBytes = 65_536
/** Counted up when a question or an answer changes its form: what older replicas keep is another key then. */
const formatVersion = 1

/** `POST /v1/query`: answers a tenant's questions about its own events. */
export class Analytics {
  readonly #options: AnalyticsOptions
  readonly #flights = new Flights<Found>()

  constructor(options: AnalyticsOptions) {
    this.#options = options
  }

  get routes(): Routes {
    return { 'POST /v1/query': (exchange) => this.#counted(exchange) }
  }

  async #counted(exchange: Exchange): Promise<HttpAnswer> {
    try {
      return await this.#answer(exchange)
    } catch (error) {
      const refusal = exchange.signal.aborted ? cancelled() : error
      this.#options.metrics.errors.inc({ reason: refusal instanceof HttpError ? refusal.code : 'INTERNAL' })
      throw refusal
    }
  }

  async #answer({ request, signal }: Exchange): Promise<HttpAnswer> {
    const start = performance.now()
    const { maxRows, tenants } = this.#options
    const tenant = authenticate(request, tenants)
    requireHome(tenant, this.#options.region, 'Ask there.')
    const question = parseQuestion(await readJson(request), tenant.name, maxRows)
    const { answer, cached } = await this.#find(question, tenant.name, wantsFresh(request), signal)
    return { status: 200, body: { ...answer, elapsedMs: Math.round(performance.now() - start), cached } }
  }

  async #find(question: Question, tenant: string, fresh: boolean, signal: AbortSignal): Promise<Found> {
    const key = cacheKey(question, tenant)
    const near = fresh ? undefined : this.#options.caches.near(key)
    if (near) return { answer: near, cached: 'L1' }
    return this.#flights.join(key, { fresh, signal }, (flight) => this.#ask(key, question, tenant, fresh, flight))
  }

  async #ask(key: string, question: Question, tenant: string, fresh: boolean, flight: Flight): Promise<Found> {
    const { caches, gate, hotTier, maxRows } = this.#options
    const statement = statementFor(question, tenant)
    const codec = answerCodec(statement.columns, maxRows)
    const far = fresh ? undefined : await caches.far(key, codec)
    if (far) return { answer: far, cached: 'L2' }
    const answer = await gate.pass(flight.signal, () => {
      flight.departed()
      return hotTier.run(statement, flight.signal)
    })
    caches.put(key, answer, codec)
    return { answer, cached: 'none' }
  }
}

/** The tenant is part of the key: an answer cannot be found with another tenant's token. */
export function cacheKey(question: Question, tenant: string): string {
  const text = JSON.stringify([formatVersion, tenant, question])
  return `nd:query:${createHash('sha256').update(text).digest('hex')}`
}

const wantsFresh = ({ headers }: IncomingMessage): boolean =>
  /\bno-(cache|store)\b/i.test(headers['cache-control'] ?? '')

/** Nobody reads this answer; it stands in the metrics. */
const cancelled = () => new HttpError(499, 'CANCELLED', 'The caller hung up.')

async function readJson(request: IncomingMessage): Promise<unknown> {
  let body: Buffer
  try {
    body = await readRequestBody(request, { maxBytes: maxBodyBytes })
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 413) throw error
    throw new HttpError(413, 'TOO_LARGE', `A question has at most ${maxBodyBytes} bytes. Ask with fewer conditions.`)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    const problem = 'The body must be JSON in UTF-8, such as {"groupBy":["channel"]}.'
    throw new HttpError(400, 'BAD_QUERY', problem, { details: { problems: [problem] } })
  }
}

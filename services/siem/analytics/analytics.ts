import type { IncomingMessage } from 'node:http'
import { authenticate } from '../../common/http/bearer.ts'
import { HttpError } from '../../common/http/errors.ts'
import type { Exchange, Answer as HttpAnswer, Routes } from '../../common/http/server.ts'
import { requireHome } from '../../common/tenants/home.ts'
import type { TenantRegistry } from '../../common/tenants/registry.ts'
import { codeOf, type Span, within } from '../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../common/tracing/tracer.ts'
import { alertStatement, evidenceOf, evidenceSearch, parseAlertId } from './alert.ts'
import type { Answers, Ask, Caller, Found } from './answers.ts'
import { type Cursors, positionOf } from './cursor.ts'
import type { AnalyticsMetrics } from './metrics.ts'
import { parseQuestion } from './question.ts'
import { readJson } from './request.ts'
import { keyLength, parseSearch, searchStatement } from './search.ts'
import { statementFor } from './statement.ts'
import { filled } from './timeline.ts'

export interface AnalyticsOptions {
  readonly region: string
  /** Of an aggregation. */
  readonly maxRows: number
  /** Of a page of a search. */
  readonly maxPage: number
  readonly tenants: Pick<TenantRegistry, 'find'>
  readonly answers: Pick<Answers, 'find'>
  readonly cursors: Cursors
  readonly metrics: Pick<AnalyticsMetrics, 'errors'>
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

type Reply = Readonly<Record<string, unknown>>
type Handler = (body: unknown, tenant: string, caller: Caller) => Promise<Reply>

/** Answers a tenant's questions about its own events and alerts. */
export class Analytics {
  readonly #options: AnalyticsOptions

  constructor(options: AnalyticsOptions) {
    this.#options = options
  }

  get routes(): Routes {
    const route = (handler: Handler) => (exchange: Exchange) => this.#counted(exchange, handler)
    return {
      'POST /v1/query': route((...asked) => this.#query(...asked)),
      'POST /v1/search': route((...asked) => this.#search(...asked)),
      'POST /v1/alert': route((...asked) => this.#alert(...asked)),
    }
  }

  async #counted(exchange: Exchange, handler: Handler): Promise<HttpAnswer> {
    const span = (this.#options.tracer ?? untraced).begin('query', exchange.request.headers, { kind: 'server' })
    span?.set({ 'http.request.method': 'POST', 'http.route': exchange.url.pathname })
    try {
      return await this.#answer(exchange, handler, span)
    } catch (error) {
      const refusal = exchange.signal.aborted ? cancelled() : error
      span?.fail(codeOf(refusal))
      this.#options.metrics.errors.inc({ reason: refusal instanceof HttpError ? refusal.code : 'INTERNAL' })
      throw refusal
    } finally {
      span?.finish()
    }
  }

  async #answer({ request, signal }: Exchange, handler: Handler, span: Span | undefined): Promise<HttpAnswer> {
    const start = performance.now()
    const tenant = authenticate(request, this.#options.tenants)
    requireHome(tenant, this.#options.region, 'Ask there.')
    const body = await within(span, 'read', () => readJson(request))
    const reply = await handler(body, tenant.name, { fresh: wantsFresh(request), signal, span })
    return { status: 200, body: { ...reply, elapsedMs: Math.round(performance.now() - start) } }
  }

  async #query(body: unknown, tenant: string, caller: Caller): Promise<Reply> {
    const { maxRows, answers } = this.#options
    const question = parseQuestion(body, tenant, maxRows)
    const statement = statementFor(question, tenant)
    const found = await answers.find({ tenant, source: question.source, form: question, statement, maxRows }, caller)
    return reply(found, question.fill ? filled(found.answer, question) : found.answer)
  }

  async #search(body: unknown, tenant: string, caller: Caller): Promise<Reply> {
    const { maxPage, answers, cursors } = this.#options
    const page = parseSearch(body, tenant, maxPage, cursors)
    const { search } = page
    const ask = { tenant, source: search.source, form: page, statement: searchStatement(page, tenant) }
    const found = await answers.find({ ...ask, maxRows: search.limit + 1 }, caller)
    const rows = found.answer.rows.slice(0, search.limit)
    const last = found.answer.rows.length > search.limit ? rows.at(-1) : undefined
    const cursor = last ? cursors.seal(positionOf(last, keyLength(search)), tenant, search) : null
    return { ...reply(found, { ...found.answer, rows }), cursor }
  }

  /** One alert, and the events that it was made of as far as the hot tier still has them. */
  async #alert(body: unknown, tenant: string, caller: Caller): Promise<Reply> {
    const { answers } = this.#options
    const alert = parseAlertId(body)
    const ask: Ask = {
      tenant,
      source: 'alerts',
      form: { alert },
      statement: alertStatement(alert, tenant),
      maxRows: 1,
    }
    const found = await answers.find(ask, caller)
    const [row] = found.answer.rows
    if (!row) throw new HttpError(404, 'NO_SUCH_ALERT', 'The tenant of this token has no alert of this id.')
    const evidence = evidenceOf(row)
    const cells = Object.fromEntries(found.answer.columns.map((name, i) => [name, row[i]]))
    if (evidence.length === 0) return { ...reply(found), alert: { ...cells, alert }, events: { columns: [], rows: [] } }
    const search = evidenceSearch(evidence)
    const statement = searchStatement({ search, after: null }, tenant)
    const events = await answers.find(
      { tenant, source: 'events', form: search, statement, maxRows: search.limit + 1 },
      caller,
    )
    return { ...reply(found), alert: { ...cells, alert }, events: events.answer }
  }
}

const reply = ({ cached, asOf }: Found, answer: object = {}): Reply => ({
  ...answer,
  cached,
  asOf: new Date(Date.now() - (performance.now() - asOf)).toISOString(),
})

const wantsFresh = ({ headers }: IncomingMessage): boolean =>
  /\bno-(cache|store)\b/i.test(headers['cache-control'] ?? '')

/** Nobody reads this answer; it stands in the metrics. */
const cancelled = () => new HttpError(499, 'CANCELLED', 'The caller hung up.')

import type { Producer } from '../../common/bus/bus.ts'
import { BusError } from '../../common/bus/errors.ts'
import { authenticate } from '../../common/http/bearer.ts'
import { readRequestBody } from '../../common/http/body.ts'
import { HttpError, retryLater } from '../../common/http/errors.ts'
import type { Answer, Exchange, Routes } from '../../common/http/server.ts'
import type { Placing } from '../../common/placing/placing.ts'
import { eventRecords, type RequestIdentity, traced } from '../../common/placing/records.ts'
import { requireHome } from '../../common/tenants/home.ts'
import type { Tenant, TenantRegistry } from '../../common/tenants/registry.ts'
import { during, ended, producing, type Span, within } from '../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../common/tracing/tracer.ts'
import { batchId } from './batch-id.ts'
import type { ClockLimits } from './clock.ts'
import { deadLetterRecords } from './dead-letters.ts'
import { EventTimes } from './event-times.ts'
import type { InFlight } from './in-flight.ts'
import { bodyFormat, type LineLimits, type Split } from './lines.ts'
import type { CollectorMetrics } from './metrics.ts'
import type { Quotas } from './quota.ts'
import { split } from './split.ts'

export interface CollectorOptions {
  readonly region: string
  /** Of the topic of events. */
  readonly partitions: number
  readonly placing: Pick<Placing, 'of'>
  readonly clock: ClockLimits
  readonly limits: LineLimits & { readonly maxBodyBytes: number }
  readonly tenants: Pick<TenantRegistry, 'find'>
  readonly quotas: Quotas
  readonly inFlight: InFlight
  readonly producer: Pick<Producer, 'send'>
  readonly metrics: CollectorMetrics
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** What a request was cut into, and the batch id of its events. */
export interface Accepted extends Split {
  readonly batch: string
}

/** Makes events of a body. `arrival`: milliseconds since the epoch. May throw HttpError. */
export type ReadBody = (body: Buffer, arrival: number) => { readonly split: Split; readonly batch: string }

/** How many rejected lines an answer names; `rejectedCount` counts them all. */
const maxNamed = 100
/** When brokers fail, one comes back within seconds. */
const retryAfterMs = 2_000

/** `POST /v1/events`: takes events in and answers when every one of them is safe in Kafka. */
export class Collector {
  readonly #options: CollectorOptions
  readonly #tracer: Tracer

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#tracer = options.tracer ?? untraced
  }

  get routes(): Routes {
    return { 'POST /v1/events': (exchange) => this.#events(exchange) }
  }

  async #events(exchange: Exchange): Promise<Answer> {
    const { limits, clock, metrics } = this.#options
    const { headers } = exchange.request
    let times: EventTimes | undefined
    const prechecked = () => ({
      batch: batchId(headers['idempotency-key']),
      format: bodyFormat(headers['content-type']),
    })
    const accepted = await this.accept(
      exchange,
      (body, arrival) => {
        const { batch, format } = prechecked()
        times = new EventTimes(clock, arrival)
        return { batch, split: split(format, body, limits, times) }
      },
      prechecked,
    )
    const counts = times?.counts ?? { FUTURE: 0, PAST: 0 }
    for (const problem of ['FUTURE', 'PAST'] as const)
      if (counts[problem] > 0) metrics.clock.inc({ problem }, counts[problem])
    return this.#answer(accepted, counts)
  }

  /**
   * What every request for taking events in goes through: who it is, its quota, its size, and Kafka's acknowledgement of all that `read` makes
   * of its body. `precheck` may refuse before the body is read. Throws HttpError, and counts it.
   */
  async accept(exchange: Exchange, read: ReadBody, precheck?: () => void): Promise<Accepted> {
    const span = this.#tracer.begin('collect', exchange.request.headers, { kind: 'server' })
    span?.set({ 'http.request.method': 'POST', 'http.route': exchange.url.pathname })
    try {
      return await ended(span, this.#take(exchange, read, precheck, span))
    } catch (error) {
      this.#options.metrics.errors.inc({ reason: error instanceof HttpError ? error.code : 'INTERNAL' })
      throw error
    }
  }

  async #take(
    { request }: Exchange,
    read: ReadBody,
    precheck: (() => void) | undefined,
    span: Span | undefined,
  ): Promise<Accepted> {
    const { now = Date.now, limits, tenants, inFlight, metrics } = this.#options
    const arrival = now()
    const tenant = authenticate(request, tenants)
    requireHome(tenant, this.#options.region, 'Send them there.')
    precheck?.()
    this.#charge(tenant, 0)
    const share = inFlight.begin()
    try {
      const body = await within(span, 'read', () =>
        readRequestBody(request, { maxBytes: limits.maxBodyBytes, reserve: share.reserve }),
      )
      const { split: lines, batch } = during(span, 'parse', () => read(body, arrival))
      const count = lines.accepted.length + lines.rejected.length
      span?.set({ 'nd.bytes': body.length, 'nd.events': lines.accepted.length, 'nd.rejected': lines.rejected.length })
      this.#charge(tenant, count)
      share.waiting(count)
      const refund = () => this.#options.quotas.giveBack(tenant, count)
      await this.#send(lines, { tenant: tenant.name, batch, arrival }, refund, span)
      metrics.accepted.inc(lines.accepted.length)
      for (const { reason } of lines.rejected) metrics.rejected.inc({ reason })
      return { ...lines, batch }
    } finally {
      share.end()
    }
  }

  #charge(tenant: Tenant, events: number): void {
    const waitMs = this.#options.quotas.take(tenant, events)
    if (waitMs > 0)
      throw retryLater(
        429,
        'OVER_QUOTA',
        `Tenant '${tenant.name}' has sent more events than its quota. Send the same batch again after the time in Retry-After.`,
        waitMs,
      )
  }

  async #send(
    { accepted, rejected }: Split,
    identity: RequestIdentity,
    refund: () => void,
    span: Span | undefined,
  ): Promise<void> {
    const { producer, partitions, placing } = this.#options
    const events = during(span, 'normalise', () =>
      eventRecords(accepted, identity, { ...placing.of(identity.tenant), partitions }),
    )
    const letters = deadLetterRecords(rejected, identity)
    try {
      await producing(span, 'events.raw', (traceparent) => producer.send([...traced(events, traceparent), ...letters]))
    } catch (cause) {
      refund()
      if (!(cause instanceof BusError) || cause.code === 'TOO_LARGE') throw cause
      throw retryLater(
        503,
        cause.code,
        'Kafka has not acknowledged this batch, so it may be lost: send it again with the same Idempotency-Key.',
        cause.code === 'BACK_PRESSURE' ? 1_000 : retryAfterMs,
        cause,
      )
    }
  }

  #answer({ accepted, rejected, batch }: Accepted, { FUTURE: future, PAST: past }: EventTimes['counts']): Answer {
    return {
      status: 200,
      body: {
        batch,
        accepted: accepted.length,
        rejected: rejected.slice(0, maxNamed).map(({ line, reason }) => ({ line, reason })),
        rejectedCount: rejected.length,
        ...(future + past > 0 ? { clock: { future, past } } : {}),
      },
    }
  }
}

import { createHistogram, performance } from 'node:perf_hooks'
import { type RegionClient, untilFinal } from '../../region/client.ts'
import type { EventStream, OpenBatch } from './stream.ts'

/** What a checker needs of a batch that was acknowledged. */
export interface Acknowledged {
  readonly tenant: string
  readonly batch: string
  readonly events: number
  readonly canaries: OpenBatch['canaries']
}

export interface SenderOptions {
  /** By tenant's index. */
  readonly tenants: readonly { readonly name: string; readonly client: RegionClient }[]
  readonly idPrefix: string
  /** Batches on their way and not acknowledged; beyond it the next one waits here, and its latency counts on. */
  readonly maxInFlight: number
  /** Of one batch, milliseconds. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly onAcknowledged: (batch: Acknowledged) => void
}

/** Sends batches as they come, each until it is acknowledged; the schedule never waits for it. */
export class Sender {
  readonly #options: SenderOptions
  readonly #stream: EventStream
  readonly #waiting: OpenBatch[] = []
  readonly #pending = new Set<Promise<void>>()
  #next = 0
  /** From a batch's first due time to its acknowledgement, microseconds. */
  readonly latency = createHistogram()
  readonly done = { batches: 0, events: 0, bytes: 0, retries: 0, rejected: 0 }
  #failure: unknown

  constructor(options: SenderOptions, stream: EventStream) {
    this.#options = options
    this.#stream = stream
  }

  /** Batches that wait for room. */
  get backlog(): number {
    return this.#waiting.length
  }

  /** Throws what stopped an earlier batch for good. */
  send(batch: OpenBatch): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#waiting.push(batch)
    this.#fill()
  }

  #fill(): void {
    while (this.#pending.size < this.#options.maxInFlight) {
      const batch = this.#waiting.shift()
      if (batch === undefined) return
      const sent = this.#one(batch).then(
        () => {},
        (error: unknown) => {
          this.#failure ??= error
        },
      )
      this.#pending.add(sent)
      void sent.then(() => {
        this.#pending.delete(sent)
        if (this.#failure === undefined) this.#fill()
      })
    }
  }

  async #one(batch: OpenBatch): Promise<void> {
    const { tenants, idPrefix, deadlineMs, signal, onAcknowledged } = this.#options
    const { name, client } = tenants[batch.tenant]!
    const id = `${idPrefix}-${this.#next++}`
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': id }
    const body = batch.body.subarray(0, batch.length)
    const reply = await untilFinal(() => client.call('POST', '/v1/events', body, headers), {
      deadlineMs,
      signal,
      onRetry: () => this.done.retries++,
    })
    if (reply.status !== 200) throw new Error(`The collector answered ${reply.status} for ${name}: ${reply.body}`)
    const now = performance.timeOrigin + performance.now()
    this.latency.record(Math.max(1, Math.round((now - batch.first) * 1_000)))
    const { accepted, rejectedCount } = JSON.parse(reply.body) as { accepted: number; rejectedCount: number }
    this.done.batches++
    this.done.events += accepted
    this.done.rejected += rejectedCount
    this.done.bytes += batch.length
    onAcknowledged({ tenant: name, batch: id, events: batch.events, canaries: batch.canaries })
    this.#stream.recycle(batch)
  }

  /** Waits for everything that was handed over. Throws what stopped a batch for good. */
  async finish(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
    if (this.#failure !== undefined) throw this.#failure
  }
}

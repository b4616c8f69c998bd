import { setTimeout as delay } from 'node:timers/promises'
import { type Alert, alertLevels, decodeAlert } from '../../../common/alerts/alert.ts'
import type { Assignment, ConsumedRecord, Consumer, ConsumerHandler, Producer } from '../../../common/bus/bus.ts'
import { BusError } from '../../../common/bus/errors.ts'
import type { Log } from '../../../common/log/log.ts'
import { codeOf, type Span } from '../../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { waitedRecord } from '../record-trace.ts'
import { type DeliverOptions, deliver } from './deliver.ts'
import { Receiver, type ReceiverLimits } from './receiver.ts'
import type { Webhook, WebhookRegistry } from './registry.ts'

export interface DispatcherOptions {
  /** Of the webhooks' own group on `alerts`. */
  readonly consumer: Consumer
  /** For dead letters. */
  readonly producer: Pick<Producer, 'send'>
  readonly registry: Pick<WebhookRegistry, 'of' | 'key'>
  readonly deliver: DeliverOptions
  readonly limits: ReceiverLimits
  /** Alerts of one partition that are not settled, beyond which no more are read. */
  readonly mostOpen: number
  readonly counted: (result: 'delivered' | 'undelivered') => void
  readonly log: Log
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
}

/** Offsets of a partition that are not settled yet; what is below the least is committed. */
interface Open {
  readonly offsets: Set<bigint>
  next: bigint
  committed: bigint
  paused: boolean
  /** One commit after the other. */
  commits: Promise<void>
  /** What is sent now, by receiver and alert: an alert that stands twice in the topic is sent once, and waits once. */
  readonly sends: Map<string, Promise<void>>
  /** Says that the partition is somebody else's: what waits for it would stand in the queues twice when it comes back. */
  readonly ended: AbortController
}

/** One alert to one receiver. */
interface Send {
  /** The receiver's. */
  readonly name: string
  readonly alert: Alert
  readonly body: Buffer
  readonly webhook: Webhook
  readonly signal: AbortSignal
  readonly span: Span | undefined
}

const retryMs = 1_000

/**
 * Sends alerts to the webhooks of their tenants, each at least once: an alert is committed when all its webhooks have it, have refused it, or it stands
 * among the dead letters. After a crash it may be sent again, under the same id.
 */
export class WebhookDispatcher implements ConsumerHandler {
  readonly #options: DispatcherOptions
  readonly #receivers = new Map<string, Receiver>()
  readonly #open = new Map<number, Open>()
  #stopped = false

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Alerts that wait for receivers. */
  get depth(): number {
    let depth = 0
    for (const receiver of this.#receivers.values()) depth += receiver.depth
    return depth
  }

  start(): Promise<void> {
    return this.#options.consumer.run(this)
  }

  /** Commits what is settled and lets go of what is under way: it is sent again by who comes next. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { ended } of this.#open.values()) ended.abort()
    await Promise.all([...this.#open].map(([partition, open]) => this.#commit(partition, open)))
    await this.#options.consumer.close()
  }

  assigned(assignments: readonly Assignment[]): void {
    for (const { partition, committed } of assignments) {
      const at = committed?.offset ?? 0n
      this.#open.set(partition, {
        offsets: new Set(),
        next: at,
        committed: at,
        paused: false,
        commits: Promise.resolve(),
        sends: new Map(),
        ended: new AbortController(),
      })
    }
  }

  revoked(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#open.get(partition)?.ended.abort()
      this.#open.delete(partition)
    }
  }

  async records(partition: number, records: readonly ConsumedRecord[]): Promise<void> {
    const open = this.#open.get(partition)
    if (open === undefined) return
    for (const record of records) {
      const { offset, value } = record
      open.next = offset + 1n
      const alert = decodeAlert(value)
      const webhooks = alert ? this.#webhooksOf(alert) : []
      if (alert === undefined || webhooks.length === 0) continue
      open.offsets.add(offset)
      const spans = record.traceparent === undefined ? undefined : this.#trace(partition, record)
      void this.#all(open, alert, value, webhooks, spans).then(() => this.#settled(partition, open, offset))
    }
    this.#regulate(partition, open)
    await this.#commit(partition, open)
  }

  #webhooksOf({ tenant, level }: Alert): readonly Webhook[] {
    const rank = alertLevels.indexOf(level)
    return this.#options.registry.of(tenant).filter((webhook) => alertLevels.indexOf(webhook.level) <= rank)
  }

  /** Makes a span for each webhook of an alert that is in a trace. */
  #trace(partition: number, record: ConsumedRecord): (() => Span) | undefined {
    const { tracer = untraced } = this.#options
    const origin = tracer.origin(record.traceparent)
    if (origin === undefined) return undefined
    waitedRecord(tracer, origin, { topic: 'alerts', partition, record })
    return () => tracer.follow(origin, 'webhook')
  }

  async #all(open: Open, alert: Alert, body: Buffer, webhooks: readonly Webhook[], spans?: () => Span): Promise<void> {
    await Promise.all(
      webhooks.map((webhook) => {
        const name = `${alert.tenant} ${webhook.url.href}`
        const send = `${name} ${alert.id}`
        const under = open.sends.get(send)
        if (under) return under
        const { signal } = open.ended
        const sent = this.#one({ name, alert, body, webhook, signal, span: spans?.() }).finally(() =>
          open.sends.delete(send),
        )
        open.sends.set(send, sent)
        return sent
      }),
    )
  }

  async #one({ name, alert, body, webhook, signal, span }: Send): Promise<void> {
    const { registry, limits, counted, deliver: how, log } = this.#options
    const { id, tenant } = alert
    const receiver = this.#receivers.get(name) ?? new Receiver(limits)
    this.#receivers.set(name, receiver)
    const ending = await receiver.send(async () => {
      const attempt = span?.child('deliver', { kind: 'client' })
      try {
        const outcome = await deliver({ url: webhook.url, key: registry.key(webhook), id, body }, how)
        if (outcome.is !== 'done') attempt?.fail(codeOf({ code: outcome.reason }))
        return outcome
      } catch (error) {
        attempt?.fail('NO_SECRET')
        log.warn('An alert cannot be signed.', { error, tenant })
        return { is: 'failed', reason: 'NO_SECRET' }
      } finally {
        attempt?.finish()
      }
    }, signal)
    if (ending !== undefined && ending !== 'delivered') span?.fail(codeOf({ code: ending.undelivered }))
    span?.finish()
    if (receiver.depth === 0) this.#receivers.delete(name)
    if (ending === 'delivered') counted('delivered')
    else if (ending) {
      counted('undelivered')
      await this.#letter({
        tenant,
        alert: id,
        to: webhook.url.origin,
        reason: ending.undelivered,
        attempts: ending.attempts,
      })
    }
  }

  /** `{"version": 1, "webhook": {…}}`: the alert itself stands in `alerts`. */
  async #letter(letter: {
    tenant: string
    alert: string
    to: string
    reason: string
    attempts: number
  }): Promise<void> {
    const { producer, log } = this.#options
    const value = Buffer.from(JSON.stringify({ version: 1, webhook: { ...letter, at: Date.now() } }))
    const record = { topic: 'events.dead-letter', partition: 0, key: Buffer.from(letter.tenant), value } as const
    while (!this.#stopped) {
      try {
        return await producer.send([record])
      } catch (error) {
        log.warn('A dead letter of a webhook could not be written; trying again.', { error })
        if (error instanceof BusError && !error.retryable) return
        await delay(retryMs, undefined, { ref: false })
      }
    }
  }

  #settled(partition: number, open: Open, offset: bigint): void {
    if (this.#stopped || this.#open.get(partition) !== open) return
    open.offsets.delete(offset)
    this.#regulate(partition, open)
    void this.#commit(partition, open)
  }

  #regulate(partition: number, open: Open): void {
    const { consumer, mostOpen } = this.#options
    const full = open.offsets.size >= mostOpen
    if (full === open.paused) return
    open.paused = full
    if (full) consumer.pause(partition)
    else consumer.resume(partition)
  }

  /** Commits what is settled now, after commits under way. */
  #commit(partition: number, open: Open): Promise<void> {
    open.commits = open.commits.then(() => this.#commitNow(partition, open))
    return open.commits
  }

  async #commitNow(partition: number, open: Open): Promise<void> {
    let offset = open.next
    for (const one of open.offsets) if (one < offset) offset = one
    if (offset <= open.committed || this.#open.get(partition) !== open) return
    try {
      await this.#options.consumer.commit(partition, offset)
      open.committed = offset
    } catch (error) {
      // The next one that is settled commits both; another member goes on from the last commit.
      this.#options.log.debug('A place of the webhooks was not committed.', { error })
    }
  }
}

import { randomBytes } from 'node:crypto'
import type { OutgoingRecord, Producer } from '../../../common/bus/bus.ts'
import { BusError } from '../../../common/bus/errors.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Placing } from '../../../common/placing/placing.ts'
import { eventRecords, traced } from '../../../common/placing/records.ts'
import { codeOf, during, producing } from '../../../common/tracing/span.ts'
import { type Tracer, untraced } from '../../../common/tracing/tracer.ts'
import { deadLetterRecords } from '../dead-letters.ts'
import type { InFlight } from '../in-flight.ts'
import type { RejectReason } from '../lines.ts'

export interface GathererOptions {
  /** Of the topic of events. */
  readonly partitions: number
  readonly placing: Pick<Placing, 'of'>
  readonly producer: Pick<Producer, 'send'>
  readonly inFlight: InFlight
  /** Bytes of one tenant that are not acknowledged; beyond it nothing more should be offered. */
  readonly maxHeldBytes: number
  /** A batch has so many messages at most. */
  readonly maxBatch: number
  readonly maxBatchBytes: number
  readonly lingerMs: number
  readonly log: Log
  /** Told of what Kafka has acknowledged, and of what was given up when the process had to end. */
  readonly acknowledged?: (events: number) => void
  readonly lost?: (messages: number) => void
  /** Default: nothing is traced. */
  readonly tracer?: Tracer
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** An event, or what could not be made one. */
export type Gathered =
  | { readonly bytes: Buffer; readonly reason?: undefined }
  | { readonly bytes: Buffer; readonly reason: RejectReason; readonly length?: number }

interface Held {
  readonly tenant: string
  items: Gathered[]
  itemBytes: number
  /** Of the oldest item. */
  arrival: number
  heldBytes: number
  sending: boolean
  /** Ends the wait for more messages early. */
  full: (() => void) | undefined
  readonly waiting: (() => void)[]
}

/** What the brokers did not take is sent again after so long, and then less and less often. */
const firstPauseMs = 100
const longestPauseMs = 2_000

const pause = (ms: number, early: (wake: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    early(() => {
      clearTimeout(timer)
      resolve()
    })
  })

/**
 * Makes batches of messages that come one by one. Each tenant has one batch on its way at a time, and what comes meanwhile is the next: so its
 * messages keep their order, and batches grow with the load. Nobody can send a message again, so a batch is sent until Kafka has it, each
 * time under the same id; meanwhile the caller stops reading (`room`).
 */
export class Gatherer {
  readonly #options: GathererOptions
  readonly #tenants = new Map<string, Held>()
  /** Ids of ours never meet those of another process or of a sender: no sender's key has a '~'. */
  readonly #prefix = `~${randomBytes(9).toString('base64url')}`
  #batches = 0
  #deadline = Number.POSITIVE_INFINITY
  #wake: (() => void)[] = []

  constructor(options: GathererOptions) {
    this.#options = options
  }

  /** Takes messages, room or not. */
  take(tenant: string, items: readonly Gathered[]): void {
    if (items.length === 0) return
    const held = this.#held(tenant)
    if (held.items.length === 0) held.arrival = (this.#options.now ?? Date.now)()
    let size = 0
    for (const item of items) {
      held.items.push(item)
      size += item.bytes.length
    }
    held.itemBytes += size
    held.heldBytes += size
    this.#options.inFlight.hold(size, items.length)
    if (this.#isBatch(held)) held.full?.()
    if (!held.sending) void this.#send(held)
  }

  /** Undefined where more may be taken of a tenant; else resolves when it may be asked again. */
  room(tenant: string): Promise<void> | undefined {
    const { inFlight, maxHeldBytes } = this.#options
    const held = this.#tenants.get(tenant)
    if (held && held.heldBytes >= maxHeldBytes) return new Promise((resolve) => held.waiting.push(resolve))
    return inFlight.full ? inFlight.freed() : undefined
  }

  /** Bytes that are taken and not acknowledged. */
  get heldBytes(): number {
    return [...this.#tenants.values()].reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  }

  /** Resolves when everything taken is acknowledged, or the time is over; what is then left is lost and said. */
  async close(graceMs: number): Promise<void> {
    this.#deadline = performance.now() + graceMs
    for (const { full } of this.#tenants.values()) full?.()
    for (const wake of this.#wake.splice(0)) wake()
    while (this.#tenants.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  readonly #idle: (() => void)[] = []

  #held(tenant: string): Held {
    const found = this.#tenants.get(tenant)
    if (found) return found
    const held: Held = {
      tenant,
      items: [],
      itemBytes: 0,
      arrival: 0,
      heldBytes: 0,
      sending: false,
      full: undefined,
      waiting: [],
    }
    this.#tenants.set(tenant, held)
    return held
  }

  #isBatch({ items, itemBytes }: Held): boolean {
    return items.length >= this.#options.maxBatch || itemBytes >= this.#options.maxBatchBytes
  }

  get #closing(): boolean {
    return this.#deadline !== Number.POSITIVE_INFINITY
  }

  async #send(held: Held): Promise<void> {
    held.sending = true
    while (held.items.length > 0) {
      if (!this.#isBatch(held) && !this.#closing)
        await pause(this.#options.lingerMs, (wake) => {
          held.full = wake
        })
      held.full = undefined
      await this.#batch(held, this.#cut(held))
    }
    this.#tenants.delete(held.tenant)
    for (const go of this.#idle.splice(0)) go()
  }

  #cut(held: Held): readonly Gathered[] {
    const { maxBatch, maxBatchBytes } = this.#options
    let count = 0
    let size = 0
    while (count < held.items.length && count < maxBatch && (count === 0 || size < maxBatchBytes))
      size += held.items[count++]!.bytes.length
    const batch = held.items.slice(0, count)
    held.items = held.items.slice(count)
    held.itemBytes -= size
    return batch
  }

  async #batch(held: Held, items: readonly Gathered[]): Promise<void> {
    const { inFlight, partitions, placing, acknowledged, lost, log } = this.#options
    const size = items.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const span = (this.#options.tracer ?? untraced).begin('collect messages', undefined, { kind: 'server' })
    try {
      const identity = { tenant: held.tenant, batch: `${this.#prefix}-${this.#batches++}`, arrival: held.arrival }
      const numbered = items.map((item, line) => ({ ...item, line }))
      const accepted = numbered.filter((item) => item.reason === undefined)
      const rejected = numbered.flatMap((item) => (item.reason === undefined ? [] : [item]))
      // Placed once: however often it is sent, whatever the map says then, it stays one copy to a partition.
      const events = during(span, 'normalise', () =>
        eventRecords(accepted, identity, { ...placing.of(held.tenant), partitions }),
      )
      const gathered = Math.max(0, (this.#options.now ?? Date.now)() - held.arrival)
      span?.set({ 'nd.events': accepted.length, 'nd.rejected': rejected.length, 'nd.gathered.ms': gathered })
      const letters = deadLetterRecords(rejected, identity)
      const written = await producing(span, 'events.raw', (traceparent) =>
        this.#deliver([...traced(events, traceparent), ...letters]),
      )
      if (written) acknowledged?.(accepted.length)
      else lost?.(items.length)
    } catch (error) {
      span?.fail(codeOf(error))
      lost?.(items.length)
      log.error('A batch of messages cannot be written.', { error, messages: items.length })
    } finally {
      span?.finish()
      held.heldBytes -= size
      held.arrival = (this.#options.now ?? Date.now)()
      inFlight.hold(-size, -items.length)
      for (const go of held.waiting.splice(0)) go()
    }
  }

  /** False when the process had to end first. Throws what no repetition helps against. */
  async #deliver(records: readonly OutgoingRecord[]): Promise<boolean> {
    for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
      try {
        await this.#options.producer.send(records)
        return true
      } catch (error) {
        if (!(error instanceof BusError) || error.code === 'TOO_LARGE') throw error
        if (performance.now() >= this.#deadline || error.code === 'CLOSED') return false
        this.#options.log.warn('Kafka has not taken a batch of messages; it is sent again.', { error })
      }
      await pause(Math.min(wait, Math.max(0, this.#deadline - performance.now())), (wake) => this.#wake.push(wake))
    }
  }
}

import type { Transport } from '../../../common/formats/event.ts'
import type { Frame } from '../../../common/formats/syslog/framing.ts'
import type { Tenant } from '../../../common/tenants/registry.ts'
import type { CollectorMetrics } from '../metrics.ts'
import type { Quotas } from '../quota.ts'
import type { Gathered, Gatherer } from './gatherer.ts'
import { type MessageLimits, makeEvent } from './message-event.ts'
import type { Drop, MessageMetrics, Protocol } from './metrics.ts'

export interface IntakeOptions {
  readonly gatherer: Gatherer
  readonly quotas: Quotas
  readonly limits: MessageLimits
  readonly metrics: MessageMetrics & Pick<CollectorMetrics, 'clock'>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** A connection that cannot be slowed for longer than this at once: quotas and rooms are asked again. */
const longestWaitMs = 1_000

const reasons = { oversize: 'TOO_LARGE', broken: 'BAD_FRAME', truncated: 'TRUNCATED' } as const

const delay = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })

/** From frames of a known tenant to events that wait for Kafka: the same for every protocol. */
export class Intake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Takes what a connection brought, then waits until it may bring more: for its quota and for room. `signal` ends the wait. */
  async stream(tenant: Tenant, frames: readonly Frame[], transport: Transport, signal: AbortSignal): Promise<void> {
    if (frames.length === 0) return
    const { quotas, gatherer, metrics } = this.#options
    const { protocol } = transport
    // What is read already is taken in any case: the wait is for the next.
    for (let waitMs = quotas.take(tenant, frames.length); waitMs > 0 && !signal.aborted; ) {
      metrics.slowed.inc({ protocol, reason: 'OVER_QUOTA' })
      await delay(Math.min(waitMs, longestWaitMs), signal)
      waitMs = quotas.take(tenant, frames.length)
    }
    this.#take(tenant, frames, transport)
    for (let room = gatherer.room(tenant.name); room && !signal.aborted; room = gatherer.room(tenant.name)) {
      metrics.slowed.inc({ protocol, reason: 'NO_ROOM' })
      await Promise.race([room, delay(longestWaitMs, signal)])
    }
  }

  /** Takes a datagram, or says why not: nobody can hold back its sender. */
  datagram(tenant: Tenant, bytes: Buffer, transport: Transport): Drop | undefined {
    const { quotas, gatherer } = this.#options
    if (gatherer.room(tenant.name)) return 'NO_ROOM'
    if (quotas.take(tenant, 1) > 0) return 'OVER_QUOTA'
    this.#take(tenant, [{ kind: 'frame', bytes }], transport)
    return undefined
  }

  #take(tenant: Tenant, frames: readonly Frame[], transport: Transport): void {
    const arrival = (this.#options.now ?? Date.now)()
    this.#options.gatherer.take(
      tenant.name,
      frames.map((frame) => this.#gathered(frame, transport, arrival)),
    )
  }

  #gathered(frame: Frame, transport: Transport, arrival: number): Gathered {
    const { metrics, limits } = this.#options
    const protocol: Protocol = transport.protocol
    if (frame.kind !== 'frame') {
      const reason = reasons[frame.kind]
      metrics.rejected.inc({ protocol, reason })
      return { bytes: frame.bytes, reason, ...(frame.kind === 'oversize' ? { length: frame.length } : {}) }
    }
    const { bytes, format, clock } = makeEvent(frame.bytes, transport, arrival, limits)
    metrics.messages.inc({ protocol, format })
    if (clock) metrics.clock.inc({ problem: clock })
    return { bytes }
  }
}

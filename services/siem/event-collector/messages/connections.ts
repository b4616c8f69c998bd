import type { Socket } from 'node:net'
import { Framer } from '../../../common/formats/syslog/framing.ts'
import type { Log } from '../../../common/log/log.ts'
import type { Tenant } from '../../../common/tenants/registry.ts'
import type { Intake } from './intake.ts'
import type { MessageMetrics, Refusal } from './metrics.ts'

export interface ConnectionLimits {
  readonly maxFrameBytes: number
  readonly idleMs: number
  readonly frameMs: number
  readonly maxConnections: number
  readonly maxPerTenant: number
}

export interface ConnectionsOptions {
  readonly protocol: 'syslog-tls' | 'syslog-tcp'
  readonly region: string
  readonly intake: Pick<Intake, 'stream'>
  readonly limits: ConnectionLimits
  readonly metrics: MessageMetrics
  readonly log: Log
}

interface Connection {
  readonly socket: Socket
  readonly tenant: string
  readonly framer: Framer
  readonly abort: AbortController
  /** Whether it is still the tenant's: a registry can change under an open connection. */
  readonly tenantNow: () => Tenant | undefined
  /** Milliseconds of performance.now(): of the last whole message, and of the first byte of an unfinished one. */
  lastMessage: number
  unfinishedSince: number | undefined
  /** While it is held back by us it is not its sender who is slow. */
  heldBack: boolean
}

const sweepMs = 1_000

/** Open connections of senders who are known: reads each as fast as its messages are taken, and no faster. */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #open = new Set<Connection>()
  readonly #perTenant = new Map<string, number>()
  readonly #sweeper: NodeJS.Timeout
  #stopping = false

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#sweeper = setInterval(() => this.sweep(performance.now()), sweepMs).unref()
  }

  get size(): number {
    return this.#open.size
  }

  refuse(socket: Socket, reason: Refusal): void {
    const { metrics, protocol } = this.#options
    metrics.refused.inc({ protocol, reason })
    socket.on('error', () => {})
    socket.destroy()
  }

  /** Serves a connection until it ends. `tenantNow` says whose it is, asked again with every chunk. */
  async serve(socket: Socket, tenantNow: () => Tenant | undefined, unknown: Refusal): Promise<void> {
    const { limits, region, metrics, protocol } = this.#options
    const tenant = tenantNow()
    if (!tenant) return this.refuse(socket, unknown)
    if (tenant.homeRegion !== region) return this.refuse(socket, 'OTHER_HOME_REGION')
    const before = this.#perTenant.get(tenant.name) ?? 0
    if (this.#stopping || this.#open.size >= limits.maxConnections || before >= limits.maxPerTenant)
      return this.refuse(socket, 'TOO_MANY_CONNECTIONS')
    const now = performance.now()
    const connection: Connection = {
      socket,
      tenant: tenant.name,
      framer: new Framer({ maxFrame: limits.maxFrameBytes }),
      abort: new AbortController(),
      tenantNow,
      lastMessage: now,
      unfinishedSince: undefined,
      heldBack: false,
    }
    this.#open.add(connection)
    this.#perTenant.set(tenant.name, before + 1)
    metrics.connections.inc({ protocol })
    try {
      await this.#read(connection, unknown)
    } finally {
      this.#open.delete(connection)
      const left = this.#perTenant.get(tenant.name)! - 1
      if (left === 0) this.#perTenant.delete(tenant.name)
      else this.#perTenant.set(tenant.name, left)
      metrics.connections.dec({ protocol })
    }
  }

  async #read(connection: Connection, unknown: Refusal): Promise<void> {
    const { socket, framer, abort, tenantNow } = connection
    const { protocol, intake, log } = this.#options
    const peer = socket.remoteAddress ?? ''
    const transport = { protocol, peer: peer.startsWith('::ffff:') ? peer.slice(7) : peer }
    let tenant = tenantNow()!
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        const found = tenantNow()
        if (found?.name !== tenant.name) return this.refuse(socket, unknown)
        tenant = found
        const frames = framer.push(chunk)
        const now = performance.now()
        if (frames.length > 0) connection.lastMessage = now
        if (framer.heldBytes === 0) connection.unfinishedSince = undefined
        else if (frames.length > 0 || connection.unfinishedSince === undefined) connection.unfinishedSince = now
        connection.heldBack = true
        await intake.stream(tenant, frames, transport, abort.signal)
        connection.heldBack = false
        if (frames.at(-1)?.kind === 'broken') break
      }
    } catch (error) {
      // A connection that breaks is an ordinary end: what came before it counts.
      if ((error as NodeJS.ErrnoException).code !== undefined) log.debug('A connection broke.', { protocol, error })
      else log.error('A connection could not be served.', { protocol, error, stack: (error as Error).stack })
    }
    await intake.stream(tenant, framer.end(), transport, abort.signal)
    socket.destroy()
  }

  /** Ends what stands still: `now` in milliseconds of performance.now(). */
  sweep(now: number): void {
    const { limits } = this.#options
    for (const connection of this.#open) {
      if (connection.heldBack) continue
      const { unfinishedSince, lastMessage, socket } = connection
      if (unfinishedSince !== undefined && now - unfinishedSince > limits.frameMs) this.refuse(socket, 'SLOW_FRAME')
      else if (now - lastMessage > limits.idleMs) this.refuse(socket, 'IDLE')
    }
  }

  /**
   * Tells every sender that the connection ends and reads on what they have sent, until they end too or the time is over; what is on its way
   * then is the sender's to send again.
   */
  async close(graceMs: number): Promise<void> {
    this.#stopping = true
    clearInterval(this.#sweeper)
    for (const { socket } of this.#open) socket.end()
    const end = performance.now() + graceMs
    while (this.#open.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const { socket, abort } of this.#open) {
      socket.destroy()
      abort.abort()
    }
    while (this.#open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Log } from '../../../common/log/log.ts'
import type { TenantRegistry } from '../../../common/tenants/registry.ts'
import type { Intake } from './intake.ts'
import { kernelDrops } from './kernel-drops.ts'
import type { Drop, MessageMetrics } from './metrics.ts'

export interface UdpOptions {
  readonly host: string
  readonly port: number
  readonly region: string
  readonly maxMessageBytes: number
  readonly tenants: Pick<TenantRegistry, 'findByAddress'>
  readonly intake: Pick<Intake, 'datagram'>
  readonly metrics: MessageMetrics
  readonly log: Log
  /** What the kernel has dropped of a port, ever. */
  readonly drops?: (port: number) => number
}

/** A burst waits here while the process is busy; the kernel may give less (net.core.rmem_max). */
const receiveBuffer = 8 * 2 ** 20
const pollMs = 1_000

/** Syslog over UDP (RFC 5426): a datagram is a message. What cannot be taken is dropped and counted, here and in the kernel. */
export class SyslogUdp {
  readonly #options: UdpOptions
  readonly #socket: Socket
  #port = 0
  #counted = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: UdpOptions) {
    this.#options = options
    this.#socket = createSocket({ type: isIPv6(options.host) ? 'udp6' : 'udp4', recvBufferSize: receiveBuffer })
    this.#socket.on('message', (bytes, from) => this.#message(bytes, from))
  }

  #message(bytes: Buffer, { address }: RemoteInfo): void {
    const reason = this.#take(bytes, address)
    if (reason) this.#options.metrics.dropped.inc({ reason })
  }

  #take(bytes: Buffer, address: string): Drop | undefined {
    const { tenants, region, intake, maxMessageBytes } = this.#options
    const tenant = tenants.findByAddress(address)
    if (!tenant) return 'UNKNOWN_SOURCE'
    if (tenant.homeRegion !== region) return 'OTHER_HOME_REGION'
    if (bytes.length > maxMessageBytes) return 'TOO_LARGE'
    // Some senders end a datagram as they would a line.
    let end = bytes.length
    while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d || bytes[end - 1] === 0)) end--
    if (end === 0) return undefined
    return intake.datagram(tenant, bytes.subarray(0, end), { protocol: 'syslog-udp', peer: address })
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    const { host, port, log } = this.#options
    return new Promise((resolve, reject) => {
      this.#socket.once('error', (cause) =>
        reject(new Error(`Cannot listen on ${host}:${port}/udp: ${cause.message}`, { cause })),
      )
      this.#socket.bind(port, host, () => {
        this.#socket.removeAllListeners('error')
        this.#socket.on('error', (error) => log.error('The UDP socket failed.', { error }))
        this.#port = this.#socket.address().port
        this.#counted = (this.#options.drops ?? kernelDrops)(this.#port)
        this.#timer = setInterval(() => this.countDrops(), pollMs).unref()
        resolve(this.#port)
      })
    })
  }

  /** Adds to the counter what the kernel has dropped since the last time. */
  countDrops(): void {
    const drops = (this.#options.drops ?? kernelDrops)(this.#port)
    if (drops > this.#counted) this.#options.metrics.kernelDropped.inc(drops - this.#counted)
    this.#counted = Math.max(this.#counted, drops)
  }

  /** No more datagrams; what was taken is the gatherer's. */
  stop(): Promise<void> {
    clearInterval(this.#timer)
    this.countDrops()
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }
}

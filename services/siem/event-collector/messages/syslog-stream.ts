import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { TenantRegistry } from '../../../common/tenants/registry.ts'
import type { TlsFiles } from '../../../common/tls/material.ts'
import { Connections, type ConnectionsOptions } from './connections.ts'

export interface StreamOptions extends Omit<ConnectionsOptions, 'protocol'> {
  readonly host: string
  readonly port: number
  readonly tenants: Pick<TenantRegistry, 'findByCertificate' | 'findByAddress'>
  /** With TLS a sender is known by its certificate; without (undefined) by its address. */
  readonly tls?: TlsFiles
}

const handshakeMs = 10_000

/** Syslog over TCP (RFC 6587) or TLS (RFC 5425). */
export class SyslogStream {
  readonly #options: StreamOptions
  readonly connections: Connections
  readonly #server: Server
  /** Sockets that have not yet said who they are. */
  readonly #raw = new Set<Socket>()

  constructor(options: StreamOptions) {
    this.#options = options
    const { tls, limits } = options
    this.connections = new Connections({ ...options, protocol: tls ? 'syslog-tls' : 'syslog-tcp' })
    this.#server = tls ? this.#secure(tls) : createServer({ noDelay: true }, (socket) => void this.#plain(socket))
    this.#server.maxConnections = limits.maxConnections
    this.#server.on('drop', () => {
      options.metrics.refused.inc({ protocol: tls ? 'syslog-tls' : 'syslog-tcp', reason: 'TOO_MANY_CONNECTIONS' })
    })
    this.#server.on('connection', (socket) => {
      this.#raw.add(socket)
      socket.once('close', () => this.#raw.delete(socket))
      socket.on('error', () => {})
    })
  }

  #secure(tls: TlsFiles): Server {
    const secure = ({ cert, key, ca }: TlsFiles['current']) => ({
      cert,
      key,
      ca,
      minVersion: 'TLSv1.2' as const,
      requestCert: true,
      // Whose certificate it is says the tenants' registry, by fingerprint (RFC 5425, section 5.1): it need not be of our authority.
      rejectUnauthorized: false,
    })
    const server = createTlsServer({ ...secure(tls.current), handshakeTimeout: handshakeMs }, (socket) => {
      void this.#certified(socket)
    })
    tls.onChange((material) => server.setSecureContext(secure(material)))
    server.on('tlsClientError', () => {})
    return server
  }

  async #certified(socket: TLSSocket): Promise<void> {
    socket.on('error', () => {})
    const certificate = socket.getPeerX509Certificate()
    if (!certificate) return this.connections.refuse(socket, 'NO_CERTIFICATE')
    const { fingerprint256, validFromDate, validToDate } = certificate
    const inDate = () => Date.now() >= validFromDate.getTime() && Date.now() <= validToDate.getTime()
    if (!inDate()) return this.connections.refuse(socket, 'CERTIFICATE_OUT_OF_DATE')
    const { tenants } = this.#options
    await this.connections.serve(
      socket,
      () => (inDate() ? tenants.findByCertificate(fingerprint256) : undefined),
      'UNKNOWN_CERTIFICATE',
    )
  }

  async #plain(socket: Socket): Promise<void> {
    const address = socket.remoteAddress ?? ''
    const { tenants } = this.#options
    await this.connections.serve(socket, () => tenants.findByAddress(address), 'UNKNOWN_SOURCE')
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new Error(`Cannot listen on ${host}:${port}: ${cause.message}`, { cause })),
      )
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /** No new connections; the open ones are read to their end, for `graceMs` at most. */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.connections.close(graceMs)
    for (const socket of this.#raw) socket.destroy()
    await closed
  }
}

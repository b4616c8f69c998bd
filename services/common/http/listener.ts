import { createServer as createPlain, type Server as PlainServer } from 'node:http'
import { createServer as createTls, type Server as TlsServer } from 'node:https'
import type { TlsFiles } from '../tls/material.ts'

/** Where a server listens and who has TLS. */
export type Listener =
  | {
      readonly kind: 'tls'
      readonly host: string
      readonly port: number
      readonly tls: TlsFiles
      /** Ask callers for a certificate of our authority; routes see `socket.authorized`. Default: false. */
      readonly requestCert?: boolean
    }
  /** In the clear, for the proxy in the same pod. It has no host to set: a pod without a proxy must answer nobody. */
  | { readonly kind: 'proxied'; readonly port: number }

/** The one address at which anything is said in the clear. */
const loopback = '127.0.0.1'
const maxHeaderBytes = 16_384
const idleMs = 65_000

/** Where it listens: a proxied one on the loopback address and nowhere else. */
export const hostOf = (listener: Listener): string => (listener.kind === 'tls' ? listener.host : loopback)

/** A server that does not listen yet. Sizes and times are the same whoever has TLS. */
export function createListener(listener: Listener, requestTimeoutMs: number): PlainServer | TlsServer {
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: Math.min(10_000, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 1_000,
  }
  // A proxy ends its idle connections itself. Were it us, a request that is just on its way would be lost and answered with 503.
  if (listener.kind === 'proxied') return createPlain({ ...limits, keepAliveTimeout: 0 })
  const { tls, requestCert = false } = listener
  const server = createTls({
    ...secure(tls.current, requestCert),
    ...limits,
    keepAliveTimeout: idleMs,
    handshakeTimeout: 10_000,
  })
  tls.onChange((material) => server.setSecureContext(secure(material, requestCert)))
  server.on('tlsClientError', () => {})
  return server
}

function secure(material: { cert: Buffer; key: Buffer; ca: Buffer }, requestCert: boolean) {
  const { cert, key, ca } = material
  return {
    cert,
    key,
    minVersion: 'TLSv1.2' as const,
    ...(requestCert ? { ca, requestCert, rejectUnauthorized: false } : {}),
  }
}

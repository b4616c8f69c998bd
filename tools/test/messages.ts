import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { services } from '../../policies/services.ts'
import { entry, type Places } from '../region/context.ts'

const { inlets } = services['event-collector']

/** A sender's certificate and its key, PEM. */
export interface SenderCertificate {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** Senders of syslog outside the region, at the ports of its node. A message is sent when the sender's kernel has taken it; nobody acknowledges it. */
export interface MessageSender {
  /** RFC 5425: TLS, each message behind its length. Resolves when the collector has read all and ended the connection; rejects where it refuses the certificate. */
  tls(messages: readonly string[], certificate: SenderCertificate): Promise<void>
  /** RFC 6587 in the clear, a message a line. */
  tcp(messages: readonly string[]): Promise<void>
  udp(message: string): Promise<void>
}

export function messageSender(where: Places): MessageSender {
  const { ca, nodeAddress: host } = entry(where, 'acme')
  return {
    async tls(messages, certificate) {
      const socket = tlsConnect({ port: inlets['syslog-tls'].nodePort, host, ca, ...certificate })
      socket.resume()
      socket.end(messages.map((message) => `${Buffer.byteLength(message)} ${message}`).join(''))
      await once(socket, 'close')
    },
    async tcp(messages) {
      const socket = connect(inlets.syslog.nodePort, host).resume()
      socket.end(messages.map((message) => `${message}\n`).join(''))
      await once(socket, 'close')
    },
    async udp(message) {
      const socket = createSocket('udp4')
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      socket.send(message, inlets['syslog-udp'].nodePort, host, (error) => (error ? reject(error) : resolve()))
      await promise.finally(() => socket.close())
    },
  }
}

import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { KafkaOptions } from './options.ts'

/**
 * A connection to a broker over mutual TLS, with the certificate that is current now; beside tokens over TLS that public authorities vouch for, and no
 * certificate of ours is shown.
 */
export const brokerSocket = (
  { tls, tokens }: Pick<KafkaOptions, 'tls' | 'tokens'>,
  { host, port }: { readonly host: string; readonly port: number },
  onConnect?: () => void,
): TLSSocket =>
  connect(
    {
      ...(tokens ? {} : tls.current),
      host,
      port,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
    onConnect,
  )

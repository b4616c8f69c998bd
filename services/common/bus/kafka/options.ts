import type { Log } from '../../log/log.ts'
import type { TlsFiles } from '../../tls/material.ts'
import type { TokenProvider } from './tokens.ts'

export interface KafkaOptions {
  /** Brokers to begin with, host:port. */
  readonly brokers: readonly string[]
  /** The process's own certificate proves who it is to the brokers, and its authority who they are; not used beside `tokens`. */
  readonly tls: Pick<TlsFiles, 'current'>
  /** Proves by tokens who this process is, to brokers that public authorities vouch for (MSK). Default: by its certificate. */
  readonly tokens?: TokenProvider | undefined
  /** Shown in the brokers' logs and quotas. */
  readonly clientId: string
  readonly log: Log
}

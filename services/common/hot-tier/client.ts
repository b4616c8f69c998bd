import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import type { EnvReader } from '../config/reader.ts'
import type { TlsFiles } from '../tls/material.ts'

/** Where the hot tier answers, and as whom. */
export interface HotTierConfig {
  readonly url: URL
  readonly user: string
  readonly password: string
}

/** ND_CLICKHOUSE_URL (https), ND_CLICKHOUSE_USER, ND_CLICKHOUSE_PASSWORD_FILE. */
export const hotTierConfig = (env: EnvReader): HotTierConfig => ({
  url: env.url('ND_CLICKHOUSE_URL', ['https:']),
  user: env.text('ND_CLICKHOUSE_USER'),
  password: env.secretFile('ND_CLICKHOUSE_PASSWORD_FILE'),
})

export interface HotTierClientOptions {
  readonly config: HotTierConfig
  readonly tls: Pick<TlsFiles, 'current'>
  /** Name in the server's query log. */
  readonly application: string
  /** One exchange, milliseconds. */
  readonly timeoutMs: number
  readonly maxConnections: number
}

/** A client of the hot tier over TLS that trusts the region's authority alone. Its own log is off: errors reach the caller. */
export const hotTierClient = ({
  config,
  tls,
  application,
  timeoutMs,
  maxConnections,
}: HotTierClientOptions): ClickHouseClient =>
  createClient({
    url: config.url,
    username: config.user,
    password: config.password,
    application,
    request_timeout: timeoutMs,
    max_open_connections: maxConnections,
    tls: { ca_cert: tls.current.ca },
    log: { level: ClickHouseLogLevel.OFF },
  })

import { Agent } from 'node:https'
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
  readonly tls: Pick<TlsFiles, 'current' | 'onChange'>
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
    http_agent: trustingAgent(tls, maxConnections),
    log: { level: ClickHouseLogLevel.OFF },
  })

/** Connections that are opened from now on trust the authority of then; those that stand go on until they are idle. */
function trustingAgent(tls: HotTierClientOptions['tls'], maxSockets: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets, minVersion: 'TLSv1.2', ca: tls.current.ca })
  // The agent keeps idle connections by all options of theirs, so none that another authority vouched for is taken again.
  tls.onChange(({ ca }) => Object.assign(agent.options, { ca }))
  return agent
}

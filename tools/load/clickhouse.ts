import { Agent } from 'node:https'
import { ask } from '../region/ask.ts'
import { clickhouseTarget } from './target.ts'

/** The region's engine, asked over its own HTTP interface as the sink's user. */
export interface ClickHouse {
  /** Runs a statement, with its data if it takes any, and answers the text that comes back. Rejects for any other status than 200, and without an answer in time. */
  run(sql: string, body?: Buffer): Promise<string>
  close(): void
}

export interface ClickHouseOptions {
  readonly maxSockets: number
  /** Of one exchange, milliseconds without a byte. */
  readonly timeoutMs: number
}

/** A client of the engine; `state` is the region's folder. */
export async function openClickHouse(
  kubectl: string,
  state: string,
  { maxSockets, timeoutMs }: ClickHouseOptions,
): Promise<ClickHouse> {
  const { host, port, servername, ca, user, password } = await clickhouseTarget(kubectl, state)
  const agent = new Agent({ keepAlive: true, maxSockets })
  return {
    async run(sql, rows) {
      const path = rows ? `/?query=${encodeURIComponent(sql)}` : '/'
      const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password }
      const options = { servername, ca, agent, method: 'POST', headers, timeout: timeoutMs }
      const { status, body } = await ask(`https://${host}:${port}${path}`, options, rows ?? sql)
      if (status !== 200) throw new Error(`The engine answered ${status}: ${body}`)
      return body
    },
    close: () => agent.destroy(),
  }
}

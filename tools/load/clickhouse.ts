import { Agent, request } from 'node:https'
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
    run: (sql, body) =>
      new Promise((resolve, reject) => {
        const path = body ? `/?query=${encodeURIComponent(sql)}` : '/'
        const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password }
        const options = { host, port, servername, ca, agent, path, method: 'POST', headers, timeout: timeoutMs }
        const sent = request(options, (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          answer.on('error', reject)
          answer.on('end', () =>
            answer.statusCode === 200
              ? resolve(text)
              : reject(new Error(`The engine answered ${answer.statusCode}: ${text}`)),
          )
        })
        sent.on('timeout', () => sent.destroy(new Error(`The engine did not answer within ${timeoutMs / 1_000} s.`)))
        sent.on('error', reject)
        sent.end(body ?? sql)
      }),
    close: () => agent.destroy(),
  }
}

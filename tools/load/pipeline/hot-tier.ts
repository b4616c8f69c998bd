import { Agent, request } from 'node:https'
import { clickhouseTarget } from '../target.ts'

/** Asks the region's engine directly, as the sink's user: what the checker believes is what is stored. */
export async function clickhouseAsker(
  kubectl: string,
  state: string,
): Promise<{ ask: (sql: string) => Promise<string>; close: () => void }> {
  const { host, port, servername, ca, user, password } = await clickhouseTarget(kubectl, state)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (sql: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-clickhouse-user': user, 'x-clickhouse-key': password }
      const options = { host, port, servername, ca, agent, path: '/', method: 'POST', headers, timeout: 120_000 }
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
      sent.on('timeout', () => sent.destroy(new Error('The engine did not answer within 120 s.')))
      sent.on('error', reject)
      sent.end(sql)
    })
  return { ask, close: () => agent.destroy() }
}

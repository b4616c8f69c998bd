import { parseArgs } from 'node:util'
import { services } from '../../policies/services.ts'
import { RegionClient } from './client.ts'
import { entry, places } from './context.ts'
import { command } from './run.ts'

const usage = `usage: nd query [--tenant NAME] [--query JSON] [--cached] [--json]

Asks the analytics service. Without --query: how many events there are, by channel and by day. With it: one question, such as
  {"groupBy":["channel"]}   {"filter":[{"field":"code","op":"eq","value":"4688"}],"groupBy":[{"bucket":"1h"}]}
What was acknowledged can be asked for a second or two later. --cached takes an answer that the caches still hold.`

interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly elapsedMs: number
  readonly cached: string
}

/** Aligns columns; numbers to the right. */
export function table({ columns, rows }: Pick<Answer, 'columns' | 'rows'>): string {
  const cells = [columns, ...rows].map((row) => row.map((value) => String(value ?? '')))
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  const right = columns.map((_, i) => rows.length > 0 && rows.every((row) => /^-?\d+(\.\d+)?$/.test(String(row[i]))))
  return cells
    .map((row) =>
      row
        .map((c, i) => (right[i] ? c.padStart(widths[i]!) : c.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const main = (args: string[]): Promise<number> =>
  command(async () => {
    const { values } = parseArgs({
      args,
      options: {
        tenant: { type: 'string', default: 'acme' },
        query: { type: 'string' },
        cached: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const { ca, token, tenant, nodeAddress } = entry(places(), values.tenant)
    const client = new RegionClient({ url: `https://${nodeAddress}:${services.analytics.nodePort}`, ca, token })
    try {
      const ask = async (query: string): Promise<Answer> => {
        const headers = {
          'content-type': 'application/json',
          ...(values.cached ? {} : { 'cache-control': 'no-cache' }),
        }
        const reply = await client.call('POST', '/v1/query', query, headers)
        if (reply.status !== 200) throw new Error(`The analytics service answered ${reply.status}: ${reply.body}`)
        return JSON.parse(reply.body) as Answer
      }
      const questions = values.query
        ? [values.query]
        : ['{}', '{"groupBy":["channel"],"limit":20}', '{"timeField":"time","groupBy":[{"bucket":"1d"}],"limit":20}']
      for (const question of questions) {
        const answer = await ask(question)
        if (values.json) console.log(JSON.stringify(answer))
        else {
          const source = answer.cached === 'none' ? 'from the hot tier' : `from the ${answer.cached} cache`
          console.log(`${tenant}> ${question}   (${answer.elapsedMs} ms, ${source})\n${table(answer)}\n`)
        }
      }
      return 0
    } finally {
      client.close()
    }
  })

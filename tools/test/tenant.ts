import { services } from '../../policies/services.ts'
import { RegionClient, type Reply } from '../region/client.ts'
import { entry, type Places } from '../region/context.ts'
import { until } from './cluster.ts'

interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** What a tenant can do from outside the region, in the words of the tests. */
export interface TenantCaller {
  readonly collector: RegionClient
  post(body: string, headers?: Record<string, string>): Promise<Reply>
  /** Sends one event; answers its id. */
  sendOne(line: string): Promise<{ id: string }>
  /** Declares and sends a body of that many bytes, as far as the collector lets it. */
  flood(bytes: number): Promise<Reply>
  query(question: object): Promise<Reply>
  /** Rows and distinct ids of the tenant, from the database and not from a cache. */
  counts(): Promise<{ events: number; ids: number }>
  /** Rows per batch id. */
  batches(): Promise<Map<string, number>>
  /** Waits until at least so many events stand in the hot tier. */
  arrived(events: number): Promise<{ events: number; ids: number }>
  present(id: string): Promise<void>
  close(): void
}

export function caller(where: Places, tenant: string): TenantCaller {
  const { ca, token, nodeAddress } = entry(where, tenant)
  const at = (service: 'event-collector' | 'analytics') =>
    new RegionClient({ url: `https://${nodeAddress}:${services[service].nodePort}`, ca, token, maxSockets: 4 })
  const collector = at('event-collector')
  const analytics = at('analytics')
  const query = (question: object) =>
    analytics.call('POST', '/v1/query', JSON.stringify(question), {
      'content-type': 'application/json',
      'cache-control': 'no-cache',
    })
  const answer = async (question: object): Promise<Answer> => {
    const reply = await query(question)
    if (reply.status !== 200) throw new Error(`analytics answered ${reply.status}: ${reply.body}`)
    return JSON.parse(reply.body) as Answer
  }
  const one = async (aggregate: string, filter: object[] = []) =>
    Number((await answer({ aggregate, filter })).rows[0]?.[0] ?? 0)
  const counts = async () => ({ events: await one('count'), ids: await one('uniq_id') })
  const post = (body: string, headers: Record<string, string> = {}) =>
    collector.call('POST', '/v1/events', body, { 'content-type': 'application/x-ndjson', ...headers })
  return {
    collector,
    post,
    query,
    counts,
    sendOne: async (line) => {
      const reply = await post(`${line}\n`)
      if (reply.status !== 200) throw new Error(`the collector answered ${reply.status}: ${reply.body}`)
      return { id: `${tenant}/${(JSON.parse(reply.body) as { batch: string }).batch}/0` }
    },
    flood: (bytes) => post('x'.repeat(bytes)),
    batches: async () => {
      const { rows } = await answer({ groupBy: ['batch'], limit: 10_000 })
      return new Map(rows.map(([batch, count]) => [String(batch), Number(count)]))
    },
    arrived: async (events) => {
      await until(`${events} events of ${tenant}`, async () => (await one('count')) >= events)
      return counts()
    },
    present: async (id) => {
      await until(`event ${id}`, async () => (await one('count', [{ field: 'event_id', op: 'eq', value: id }])) === 1)
    },
    close: () => {
      collector.close()
      analytics.close()
    },
  }
}

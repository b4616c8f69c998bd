import type { ClickHouseClient, ResponseJSON } from '@clickhouse/client'
import type { Log } from '../../common/log/log.ts'
import { type Answer, readAnswer } from './answer.ts'
import type { AnalyticsMetrics } from './metrics.ts'
import { diagnose, refusalOf } from './refusals.ts'
import { type SourceName, sources } from './sources.ts'
import type { Statement } from './statement.ts'

export interface HotTierOptions {
  readonly client: Pick<ClickHouseClient, 'query'>
  readonly log: Log
  /** Of a statement, milliseconds. */
  readonly timeoutMs: number
  /** The largest answer in the engine's bytes. */
  readonly maxResultBytes: number
  readonly metrics: Pick<AnalyticsMetrics, 'statements'>
}

const versionColumns = [
  { name: 'tenant', kind: 'text' },
  { name: 'rows', kind: 'count' },
  { name: 'latest', kind: 'instant' },
] as const

/** The engine's own clock should be the one that ends a slow statement: it says so and frees what it held. */
const timeoutSlackMs = 1_000

/** Runs statements at the hot tier. */
export class HotTier {
  readonly #options: HotTierOptions

  constructor(options: HotTierOptions) {
    this.#options = options
  }

  /** Rejects with the HttpError that the caller gets, or with the signal's reason. The statement ends with the signal. */
  async run({ sql, params, columns, pieces }: Statement, signal: AbortSignal): Promise<Answer> {
    const { metrics, timeoutMs, log } = this.#options
    const deadline = AbortSignal.timeout(timeoutMs + timeoutSlackMs)
    const stop = metrics.statements.startTimer()
    try {
      const either = AbortSignal.any([signal, deadline])
      if (pieces === undefined) return readAnswer(await this.#query(sql, params, either), columns)
      const answers: Answer[] = []
      let left = pieces.rows
      for (const piece of pieces.of) {
        const answer = readAnswer(await this.#query(piece.sql, piece.params, either), columns)
        answers.push({ ...answer, rows: answer.rows.slice(0, left) })
        left -= answer.rows.length
        if (left <= 0) break
      }
      return { ...answers[0]!, rows: answers.flatMap(({ rows }) => rows) }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const { refusal, code } = deadline.aborted ? ({ refusal: 'timeout', code: 'DEADLINE' } as const) : diagnose(error)
      log[refusal === 'internal' ? 'error' : 'warn']('The hot tier did not answer a statement.', { refusal, code })
      throw refusalOf(refusal, timeoutMs)
    } finally {
      stop()
    }
  }

  /** What tells a state of each tenant's rows from another: their number and the latest. Rejects with whatever the engine or the way to it says. */
  async versions(source: SourceName, tenants: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
    const { table, freshness } = sources[source]
    const sql = [
      `SELECT tenant, count() AS rows, toUnixTimestamp64Milli(max(${freshness})) AS latest FROM ${table}`,
      'WHERE tenant IN {tenants:Array(String)} GROUP BY tenant',
    ].join(' ')
    const { rows } = readAnswer(await this.#query(sql, { tenants }, signal), versionColumns)
    const versions = new Map(tenants.map((tenant) => [tenant, 'none']))
    for (const [tenant, count, latest] of rows) versions.set(String(tenant), `${count}-${latest}`)
    return versions
  }

  /** Why no question can be answered now: a code, or undefined when the table is there. */
  async probe(signal: AbortSignal): Promise<string | undefined> {
    try {
      await this.#query(`SELECT 1 FROM ${sources.events.table} LIMIT 0`, {}, signal)
      return undefined
    } catch (error) {
      return diagnose(error).code
    }
  }

  async #query(query: string, params: Statement['params'], signal: AbortSignal): Promise<ResponseJSON> {
    const { client, timeoutMs, maxResultBytes } = this.#options
    signal.throwIfAborted()
    const result = await client.query({
      query,
      query_params: params,
      // In the body: an URL has a longest length, and proxies log it.
      use_multipart_params: true,
      format: 'JSONCompact',
      abort_signal: signal,
      clickhouse_settings: {
        max_execution_time: timeoutMs / 1_000,
        max_result_bytes: String(maxResultBytes),
        output_format_json_quote_64bit_integers: 1,
        // Where there is nothing to compute, the answer is null.
        output_format_json_quote_denormals: 0,
        // A statement that fails half-way answers with an error, not with half an answer.
        wait_end_of_query: 1,
        cancel_http_readonly_queries_on_client_close: 1,
      },
    })
    const close = () => result.close()
    signal.addEventListener('abort', close, { once: true })
    try {
      return await result.json()
    } finally {
      signal.removeEventListener('abort', close)
    }
  }
}

import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseError, type ClickHouseSettings, TupleParam } from '@clickhouse/client'
import { eventsTable, type Upgrade } from '../../common/hot-tier/schema.ts'
import type { BatchId, StoredBatch } from './duplicates.ts'
import { advice, HotTierError, type HotTierErrorCode } from './errors.ts'
import { columnOrder } from './rows.ts'

/** What the sink asks of the hot tier. Everything rejects with HotTierError, or with the signal's reason. */
export interface HotTier {
  /** Makes database and table where they are missing. */
  prepare(signal: AbortSignal): Promise<void>
  /** The lines that are stored of these batches. */
  stored(batches: readonly BatchId[], signal: AbortSignal): Promise<readonly StoredBatch[]>
  /** Stores rows (a Native block, all of one partition of the table) as a whole or not at all, unless it remembers the token. */
  insert(token: string, rows: Buffer, signal: AbortSignal): Promise<void>
}

export interface ClickHouseHotTierOptions {
  readonly client: ClickHouseClient
  readonly table: StoredTable
  /** What makes database and table; safe to repeat. */
  readonly createStatements: readonly string[]
  /** How a table that was there already becomes what they would make. Default: it stays as it is. */
  readonly upgrade?: Upgrade
  /** Whether look-ups tell the parts too. Default: no. */
  readonly parts?: boolean
  /** Of the statements that make them. */
  readonly createSettings?: ClickHouseSettings
  /** Of an insert. */
  readonly insertSettings?: ClickHouseSettings
  /** Before every token, where several regions write one table. Default: nothing. */
  readonly tokenPrefix?: string
}

/** A table that blocks go into. */
export interface StoredTable {
  /** `database.table`. */
  readonly name: string
  /** Its columns, in the order in which blocks carry them. */
  readonly columns: readonly string[]
  /** The column of the second part of a row's identity, and the expression over a group's rows that gives the lines. */
  readonly batch: string
  readonly lines: string
}

export const events: StoredTable = {
  name: eventsTable,
  columns: columnOrder,
  batch: 'batch',
  lines: 'groupArray(line)',
}

/** Batches asked for in one statement: some 50 KiB of names. */
const batchesPerQuery = 1_000

/** ClickHouse's numbers for what passes: timeouts, load, memory, Keeper, shutting down, and errors of the system beneath. */
const passing = new Set(
  // Of replicas: 203 254 279 285 286 289 297 319 341 369 529 733 have to do with who is there; 319 and 341 say that it may have happened.
  '159 160 164 202 203 209 210 225 234 235 236 241 242 252 254 279 285 286 289 297 319 341 369 384 394 425 439 529 733 745 999 1000 1001 1002'.split(
    ' ',
  ),
)
const missing = new Set(['60', '81'])

/** Not enough space to reserve. */
const full = '243'
/** Errors of files, which say in their text that the disk is full. */
const files = new Set('75 76 1001'.split(' '))
const noSpace = /\berrno: 28\b|No space left on device/

const codeOf = ({ code: number, message }: ClickHouseError): HotTierErrorCode =>
  number === full || (files.has(number) && noSpace.test(message)) ? 'DISK_FULL' : codeOfNumber(number)

const codeOfNumber = (number: string): HotTierErrorCode =>
  missing.has(number) ? 'NO_TABLE' : passing.has(number) ? 'UNAVAILABLE' : 'REFUSED'

/** An error of the client in our terms. */
export function hotTierError(error: unknown): HotTierError {
  if (error instanceof ClickHouseError) {
    const answer = codeOf(error)
    const what = `The hot tier answered with error ${error.code} (${error.type}).`
    return new HotTierError(answer, answer === 'DISK_FULL' ? `${what} Its disk is full. ${advice.DISK_FULL}` : what)
  }
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  // A text that is no error of ClickHouse's comes from something in between: a proxy, or a server that is not up yet.
  const what = typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'
  return new HotTierError('UNAVAILABLE', `The exchange with the hot tier failed (${what}).`)
}

/** The hot tier on ClickHouse, over its HTTP interface. */
export class ClickHouseHotTier implements HotTier {
  readonly #options: ClickHouseHotTierOptions

  constructor(options: ClickHouseHotTierOptions) {
    this.#options = options
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const { createStatements, upgrade } = this.#options
    await this.#define(createStatements, signal)
    if (upgrade === undefined) return
    const [answer] = await this.#rows<{ outdated: number }>(upgrade.check, {}, signal)
    if (answer?.outdated !== 0) await this.#define(upgrade.statements, signal)
  }

  async #define(statements: readonly string[], signal: AbortSignal): Promise<void> {
    const { client, createSettings } = this.#options
    for (const query of statements)
      await this.#exchange(signal, () =>
        client.command({
          query,
          abort_signal: signal,
          ...(createSettings ? { clickhouse_settings: createSettings } : {}),
        }),
      )
  }

  #rows<T>(query: string, query_params: Record<string, unknown>, signal: AbortSignal): Promise<T[]> {
    return this.#exchange(signal, async () => {
      const answer = await this.#options.client.query({
        query,
        query_params,
        use_multipart_params: true,
        format: 'JSONEachRow',
        abort_signal: signal,
      })
      return answer.json<T>()
    })
  }

  async stored(batches: readonly BatchId[], signal: AbortSignal): Promise<readonly StoredBatch[]> {
    const { table, parts = false } = this.#options
    const { name, batch, lines } = table
    const part = parts ? ', _part AS part' : ''
    const found: StoredBatch[] = []
    for (let from = 0; from < batches.length; from += batchesPerQuery) {
      const ids = batches
        .slice(from, from + batchesPerQuery)
        .map(({ tenant, batch }) => new TupleParam([tenant, batch]))
      const rows = await this.#rows<StoredBatch>(
        `SELECT tenant, ${batch} AS batch, ${lines} AS lines${part} FROM ${name}
          WHERE (tenant, ${batch}) IN {ids:Array(Tuple(String, String))} GROUP BY tenant, ${batch}${parts ? ', part' : ''}`,
        { ids },
        signal,
      )
      for (const row of rows) found.push(row)
    }
    return found
  }

  async insert(token: string, rows: Buffer, signal: AbortSignal): Promise<void> {
    const { client, table, insertSettings, tokenPrefix = '' } = this.#options
    await this.#exchange(signal, async () => {
      const { stream } = await client.exec({
        query: `INSERT INTO ${table.name} (${table.columns.join(', ')}) FORMAT Native`,
        values: Readable.from([rows], { objectMode: false }),
        // The answer says how it ended, not only that it began.
        clickhouse_settings: {
          ...insertSettings,
          insert_deduplication_token: `${tokenPrefix}${token}`,
          wait_end_of_query: 1,
        },
        abort_signal: signal,
      })
      for await (const _ of stream);
    })
  }

  async #exchange<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      throw hotTierError(error)
    }
  }
}

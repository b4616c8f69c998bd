import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Engine } from './engine.ts'
import { answerOf, QueryError } from './errors.ts'
import { type Ask, askOf, multipartFields, spoolBody, textBody } from './request.ts'
import { admit, forbidden, type Statement } from './sql.ts'
import type { User, Users } from './users.ts'

const gzipAsync = promisify(gzip)

export interface ServerLimits {
  /** Rows of one insert, after decompression. */
  readonly maxBody: number
  readonly maxSql: number
  /** One answer; more is an error of the engine. */
  readonly maxResult: number
  readonly maxSeconds: number
  /** Memory of one statement. */
  readonly maxMemory: number
}

export interface TlsMaterial {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface QueryServerOptions {
  readonly engine: Engine
  readonly users: Users
  readonly tls: TlsMaterial
  readonly dataDirectory: string
  readonly limits: ServerLimits
  /** Called after each answer. */
  readonly onAnswer?: (kind: 'insert' | 'read' | 'other', status: number, seconds: number) => void
}

/** ClickHouse's HTTP interface, as far as `@clickhouse/client` uses it. */
export class QueryServer {
  readonly #options: QueryServerOptions
  readonly #server: Server
  readonly #spool: string
  #denied: ReadonlySet<string> | undefined

  constructor(options: QueryServerOptions) {
    this.#options = options
    this.#spool = join(options.dataDirectory, 'spool')
    // What a killed process left there was never answered.
    rmSync(this.#spool, { recursive: true, force: true })
    mkdirSync(this.#spool, { recursive: true, mode: 0o700 })
    this.#server = createServer({
      ...options.tls,
      minVersion: 'TLSv1.2',
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 30_000,
      // Long parameters travel in the URL.
      maxHeaderSize: 256 * 1024,
    })
    this.#server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
    this.#server.on('tlsClientError', () => {})
  }

  /** Reads from the engine what it offers, then listens. Answers the port. */
  async listen(port: number, host?: string): Promise<number> {
    const names = await this.#options.engine.text('SELECT name FROM system.table_functions')
    this.#denied = forbidden(names.trim().split('\n'))
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now()
    const url = URL.parse(request.url ?? '/', 'https://server') ?? new URL('https://server/')
    let kind: 'insert' | 'read' | 'other' = 'other'
    request.on('error', () => {})
    response.setHeader('X-ClickHouse-Query-Id', printable(url.searchParams.get('query_id')) ?? randomUUID())
    try {
      if (url.pathname === '/ping') return void response.end('Ok.\n')
      if (url.pathname !== '/' || (request.method !== 'POST' && request.method !== 'GET'))
        return void response.writeHead(404).end('There is nothing here: POST a query to /, or GET /ping.\n')
      const user = this.#authenticate(request, url)
      const { ask, statement } = await this.#read(request, url, user)
      kind = statement.insert ? 'insert' : 'read'
      await this.#answer(request, response, user, ask, statement)
    } catch (error) {
      const { code, status, text } = answerOf(error)
      if (!response.headersSent) {
        response.writeHead(status, {
          'X-ClickHouse-Exception-Code': String(code),
          'Content-Type': 'text/plain; charset=UTF-8',
          ...(status === 503 ? { 'Retry-After': '1' } : {}),
          ...(request.readableEnded ? {} : { Connection: 'close' }),
        })
        response.end(`${text}\n`)
      } else response.destroy()
    } finally {
      this.#options.onAnswer?.(kind, response.statusCode, (performance.now() - start) / 1_000)
    }
  }

  #authenticate(request: IncomingMessage, url: URL): User {
    const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const text = basic ? Buffer.from(basic, 'base64').toString('utf8') : ''
    const header = (name: string) => request.headers[name]?.toString()
    const name = header('x-clickhouse-user') ?? text.slice(0, Math.max(0, text.indexOf(':')))
    const password = header('x-clickhouse-key') ?? text.slice(text.indexOf(':') + 1)
    if (url.searchParams.has('password'))
      throw new QueryError('AUTHENTICATION_FAILED', 'Passwords in a URL are not taken: they end in logs.')
    const user = this.#options.users.find(name, password)
    if (!user) throw new QueryError('AUTHENTICATION_FAILED', 'Authentication failed: name or password is wrong.')
    return user
  }

  async #read(request: IncomingMessage, url: URL, user: User): Promise<{ ask: Ask; statement: Statement }> {
    const { maxSql } = this.#options.limits
    const type = request.headers['content-type'] ?? ''
    let ask = askOf(url)
    if (type.startsWith('multipart/form-data')) ask = askOf(url, multipartFields(await textBody(request, maxSql), type))
    else if (ask.sql === '') ask = { ...ask, sql: await textBody(request, maxSql) }
    const statement = admit(ask.sql, user.access, this.#denied!)
    return { ask, statement }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    user: User,
    ask: Ask,
    statement: Statement,
  ): Promise<void> {
    const { engine, limits } = this.#options
    const settings = {
      max_execution_time: String(limits.maxSeconds),
      max_result_bytes: String(limits.maxResult),
      max_memory_usage: String(limits.maxMemory),
      ...ask.settings,
    }
    const common = { format: ask.format, params: ask.params, readonly: user.access === 'read' }
    if (statement.insert) {
      const spool = await spoolBody(request, this.#spool, limits.maxBody)
      try {
        const { head, tail } = statement.insert
        // One thread: one block, so that a deduplication token covers the insert as a whole.
        const one = { max_threads: '1', max_insert_threads: '1', min_insert_block_size_bytes: '0' }
        const { seconds, rows } =
          spool.bytes === 0
            ? { seconds: 0, rows: 0 }
            : await engine.run({
                ...common,
                sql: `${head} FROM INFILE '${spool.path}' ${tail}`,
                settings: { ...settings, ...one },
              })
        response.setHeader('X-ClickHouse-Summary', summary({ written: rows, writtenBytes: spool.bytes, seconds }))
        response.end()
      } finally {
        await spool.remove()
      }
      return
    }
    const { bytes, seconds, rows, read } = await engine.run({ ...common, sql: statement.sql, settings })
    response.setHeader('X-ClickHouse-Summary', summary({ read: rows, readBytes: read, seconds }))
    response.setHeader('X-ClickHouse-Format', ask.format)
    response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
    if (!ask.compress || !/\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '') || bytes.length < 1_024)
      return void response.end(bytes)
    response.setHeader('Content-Encoding', 'gzip')
    response.end(await gzipAsync(bytes, { level: 1 }))
  }
}

const printable = (id: string | null): string | undefined => (id && /^[\w.:-]{1,128}$/.test(id) ? id : undefined)

function summary(s: {
  read?: number
  readBytes?: number
  written?: number
  writtenBytes?: number
  seconds: number
}): string {
  return JSON.stringify({
    read_rows: String(s.read ?? s.written ?? 0),
    read_bytes: String(s.readBytes ?? s.writtenBytes ?? 0),
    written_rows: String(s.written ?? 0),
    written_bytes: String(s.writtenBytes ?? 0),
    total_rows_to_read: '0',
    result_rows: String(s.read ?? 0),
    result_bytes: '0',
    elapsed_ns: String(Math.round(s.seconds * 1e9)),
  })
}

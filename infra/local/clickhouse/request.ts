import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { QueryError } from './errors.ts'

/** What a request asks, before anybody judged it. */
export interface Ask {
  readonly sql: string
  readonly format: string
  readonly settings: Record<string, string>
  readonly params: Record<string, string>
  readonly compress: boolean
}

/** Settings of ClickHouse's HTTP layer that the engine does not know. */
const httpOnly =
  /^(wait_end_of_query|buffer_size|compress|decompress|http_.*|send_progress_in_http_headers|enable_http_compression|cancel_http_readonly_queries_on_client_close|session_.*|quota_key|stacktrace|log_queries.*)$/
const refused = /^(readonly|user|password|role|allow_.*|.*named_collection.*|.*_path|format_schema.*|async_insert.*)$/

/** Reads the URL's parts. Throws QueryError for a bad name or a setting that is not the caller's to set. */
export function askOf(url: URL, more: Readonly<Record<string, string>> = {}): Ask {
  const settings: Record<string, string> = {}
  const params: Record<string, string> = {}
  let sql = ''
  let format = 'TabSeparated'
  let compress = false
  for (const [name, value] of [...url.searchParams, ...Object.entries(more)]) {
    if (!/^\w+$/.test(name)) throw new QueryError('BAD_QUERY_PARAMETER', 'A parameter has a name that is not a word.')
    if (name === 'query') sql = value
    else if (name === 'default_format') format = value
    else if (name === 'enable_http_compression') compress = value === '1' || value === 'true'
    else if (name.startsWith('param_')) params[name.slice(6)] = value
    else if (name === 'database' && value !== 'default') {
      if (!/^\w+$/.test(value)) throw new QueryError('UNKNOWN_DATABASE', 'The database has a name that is not a word.')
      throw new QueryError('BAD_QUERY_PARAMETER', 'Name the database with the table: this server keeps no current one.')
    } else if (name === 'query_id' || name === 'database' || httpOnly.test(name)) continue
    else if (refused.test(name))
      throw new QueryError('READONLY', `The setting '${name}' is not a caller's to set on this server.`)
    else settings[name] = value
  }
  if (!/^\w+$/.test(format)) throw new QueryError('BAD_QUERY_PARAMETER', 'default_format is not the name of a format.')
  return { sql, format, settings, params, compress }
}

function limited(maxBytes: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > maxBytes)
        done(new QueryError('HTTP_LENGTH_REQUIRED', `The body is larger than ${maxBytes} bytes. Send smaller blocks.`))
      else done(null, chunk)
    },
  })
}

function plain(request: IncomingMessage): Readable[] {
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (coding === 'gzip') return [request, createGunzip()]
  if (coding === 'identity') return [request]
  throw new QueryError('INCORRECT_DATA', `Content-Encoding '${coding.slice(0, 20)}' is not taken; use gzip or none.`)
}

const broken = (cause: unknown) =>
  cause instanceof QueryError
    ? cause
    : new QueryError('INCORRECT_DATA', `The body could not be read: ${(cause as Error).message}.`, { cause })

/** A small body, as text. */
export async function textBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  try {
    await pipeline([
      ...plain(request),
      limited(maxBytes),
      async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) chunks.push(chunk)
      },
    ] as never)
  } catch (error) {
    throw broken(error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The rows of an insert, on disk, and how many bytes they are. */
export interface Spool {
  readonly path: string
  readonly bytes: number
  remove(): Promise<void>
}

/** Writes the body to a file, so that rows of any format and size never pass through this process's memory as a whole. */
export async function spoolBody(request: IncomingMessage, folder: string, maxBytes: number): Promise<Spool> {
  const path = join(folder, `${randomUUID()}.rows`)
  const remove = () => rm(path, { force: true })
  const file = createWriteStream(path, { mode: 0o600 })
  try {
    await pipeline([...plain(request), limited(maxBytes), file] as never)
  } catch (error) {
    await remove()
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new QueryError(
        'NOT_ENOUGH_SPACE',
        'The disk of the server is full. Free space, then send the block again.',
        {
          cause: error,
        },
      )
    throw broken(error)
  }
  return { path, bytes: file.bytesWritten, remove }
}

/** The fields of a multipart/form-data body, as `@clickhouse/client` sends long parameters. */
export function multipartFields(body: string, contentType: string): Record<string, string> {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(contentType)
  const mark = boundary?.[1] ?? boundary?.[2]
  if (!mark) throw new QueryError('INCORRECT_DATA', 'The multipart body names no boundary.')
  const fields: Record<string, string> = {}
  for (const part of body.split(`--${mark}`).slice(1, -1)) {
    const split = part.indexOf('\r\n\r\n')
    const name = /name="([^"]+)"/.exec(part.slice(0, split))?.[1]
    if (split < 0 || !name) throw new QueryError('INCORRECT_DATA', 'A part of the multipart body has no name.')
    fields[name] = part.slice(split + 4).replace(/\r\n$/, '')
  }
  return fields
}

import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelEntry } from '../../../common/inference/model-list.ts'
import type { Log } from '../../../common/log/log.ts'
import { type S3Access, signedGet } from './s3.ts'

export class SourceError extends Error {
  readonly code: 'UNREACHABLE' | 'TOO_LARGE' | 'CHECKSUM'
  constructor(code: SourceError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SourceError'
    this.code = code
  }
}

export interface SourceOptions {
  /** Folder for what was fetched, by checksum; it may be empty and need not be there. */
  readonly cache: string
  readonly maxBytes: number
  /** For one model, from the first byte asked to the last one here. */
  readonly timeoutMs: number
  readonly s3: S3Access
  readonly log: Log
}

/** `fetchModel` from where the options say. */
export const modelSource =
  (options: SourceOptions) =>
  (entry: ModelEntry, signal: AbortSignal): Promise<Buffer> =>
    fetchModel(entry, options, signal)

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * The bytes of a model, always as its checksum says: out of the cache, or from its source, and then kept. Rejects with SourceError; a message
 * names the source without its query, which may be a secret.
 */
export async function fetchModel(
  { uri, sha256: wanted }: ModelEntry,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Buffer> {
  const kept = join(options.cache, `${wanted}.onnx`)
  const cached = uri.protocol === 'file:' ? undefined : await readFile(kept).catch(() => undefined)
  if (cached && sha256(cached) === wanted) return cached
  const where = `${uri.protocol}//${uri.host}${uri.pathname}`
  const bytes =
    uri.protocol === 'file:' ? await readLocal(uri, where, options) : await download(uri, where, options, signal)
  const found = sha256(bytes)
  if (found !== wanted)
    throw new SourceError('CHECKSUM', `${where} has the checksum ${found}; the model list says ${wanted}.`)
  if (uri.protocol !== 'file:') await keep(kept, bytes, options)
  return bytes
}

const tooLarge = (where: string, maxBytes: number) =>
  new SourceError('TOO_LARGE', `${where} is larger than ${maxBytes} bytes, the most that a model may have.`)

async function readLocal(uri: URL, where: string, { maxBytes }: SourceOptions): Promise<Buffer> {
  try {
    const path = fileURLToPath(uri)
    if ((await stat(path)).size > maxBytes) throw tooLarge(where, maxBytes)
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof SourceError) throw cause
    throw new SourceError('UNREACHABLE', `${where} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    })
  }
}

async function download(uri: URL, where: string, options: SourceOptions, signal: AbortSignal): Promise<Buffer> {
  const { maxBytes, timeoutMs, s3 } = options
  try {
    const { url, headers } = uri.protocol === 's3:' ? await signedGet(uri, s3) : { url: uri, headers: {} }
    const response = await fetch(url, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new SourceError('UNREACHABLE', `${where} answered with ${response.status}.`)
    }
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
      await response.body?.cancel()
      throw tooLarge(where, maxBytes)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge(where, maxBytes)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, size)
  } catch (cause) {
    if (cause instanceof SourceError) throw cause
    const why =
      (cause as Error).name === 'TimeoutError'
        ? `not within ${timeoutMs} ms`
        : ((cause as Error).cause as Error)?.message
    throw new SourceError('UNREACHABLE', `${where} cannot be fetched (${why ?? (cause as Error).message}).`, { cause })
  }
}

/** Whole or not at all, under the name that says what is in it. A cache that cannot be written costs a download at the next start. */
async function keep(path: string, bytes: Buffer, { cache, log }: SourceOptions): Promise<void> {
  const temporary = `${path}.${process.pid}.${performance.now()}`
  try {
    await mkdir(cache, { recursive: true })
    await writeFile(temporary, bytes)
    const file = await open(temporary)
    await file.sync()
    await file.close()
    await rename(temporary, path)
  } catch (error) {
    log.warn('A model cannot be kept for the next start.', { error })
    await rm(temporary, { force: true }).catch(() => {})
  }
}

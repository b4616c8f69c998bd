import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

export interface Batch {
  /** The Idempotency-Key: the same part of the same file has the same id, so sending twice stores once. */
  readonly id: string
  readonly body: Buffer
  readonly events: number
}

async function isGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 1 })) return chunk[0] === 0x1f && chunk[1] === 0x8b
  return false
}

/** SHA-256 of a file as it lies on disk, hexadecimal. */
export async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/**
 * Cuts an NDJSON file, gzip or not, into batches of at most `size` lines and `maxBytes` bytes, in order, without
 * holding the file in memory. Lines are kept to the byte; empty ones are dropped.
 */
export async function* batches(
  file: string,
  options: { readonly size: number; readonly maxBytes: number; readonly idPrefix: string },
): AsyncGenerator<Batch> {
  const source = createReadStream(file)
  const stream = (await isGzip(file)) ? source.pipe(createGunzip()) : source
  if (stream !== source) source.on('error', (error) => stream.destroy(error))
  let rest: Buffer = Buffer.alloc(0)
  let lines: Buffer[] = []
  let length = 0
  let index = 0
  const cut = (): Batch => {
    const batch = { id: `${options.idPrefix}-${index++}`, body: Buffer.concat(lines), events: lines.length }
    lines = []
    length = 0
    return batch
  }
  const newline = Buffer.from('\n')
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
    let start = 0
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
      if (end > start) {
        const line = rest.subarray(start, end + 1)
        if (lines.length > 0 && length + line.length > options.maxBytes) yield cut()
        lines.push(line)
        length += line.length
        if (lines.length >= options.size) yield cut()
      }
      start = end + 1
    }
    rest = rest.subarray(start)
  }
  if (rest.length > 0) lines.push(rest, newline)
  if (lines.length > 0) {
    const last = cut()
    yield rest.length > 0 ? { ...last, events: last.events - 1 } : last
  }
}

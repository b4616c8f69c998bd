import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { Documents } from './documents.ts'

export type Event = Readonly<Record<string, unknown>>

/** What could not be read as an event. */
export interface Unread {
  readonly file: string
  readonly line: number
  readonly reason: string
}

const eventFile = /\.(?:json|ndjson|jsonl)(?:\.gz)?$/i

/**
 * The files of events at a path: the file itself whatever its name, or of a folder and all folders in it those named *.json, *.ndjson or
 * *.jsonl, also with .gz, sorted by their path as text (UTF-16 units). Throws when the path cannot be read.
 */
export async function eventFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory() && eventFile.test(entry.name))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((file) => join(path, file))
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}

const isEvent = (value: unknown): value is Event => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The events of a file, in portions, without holding the file in memory: NDJSON or JSON documents one after the other, gzip or not. A
 * document that is a list stands for its members. What is no event goes to `unread`. Throws when the file cannot be read or unpacked.
 */
export async function* eventsOf(file: string, unread: (what: Unread) => void): AsyncGenerator<readonly Event[]> {
  let events: Event[] = []
  let told = 0
  const documents = new Documents((document) => {
    for (const value of Array.isArray(document) ? document : [document])
      if (isEvent(value)) events.push(value)
      else unread({ file, line: 0, reason: 'A document is no map.' })
  })
  const portion = (): readonly Event[] => {
    for (; told < documents.bad.length; told++)
      unread({ file, ...(documents.bad[told] as { line: number; reason: string }) })
    const whole = events
    events = []
    return whole
  }
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 })
  const stream = (await isGzip(file)) ? source.pipe(createGunzip({ chunkSize: 1024 * 1024 })) : source
  if (stream !== source) source.on('error', (error) => stream.destroy(error))
  const decoder = new StringDecoder('utf8')
  let first = true
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const text = decoder.write(chunk)
    documents.push(first ? text.replace(/^\uFEFF/, '') : text)
    first &&= text === ''
    if (events.length > 0) yield portion()
  }
  documents.push(decoder.end())
  documents.end()
  yield portion()
}

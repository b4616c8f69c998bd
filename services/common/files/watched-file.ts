import { readFileSync, statSync } from 'node:fs'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Whether a changed file could be used. */
export type FileResult = 'done' | 'failed'

export interface WatchedFileOptions<T> {
  readonly file: string
  /** A short name, of a fixed set: a label of metrics. */
  readonly name: string
  /** What it is, in the middle of a sentence of the log: 'the tenant registry'. */
  readonly what: string
  /** Reads its text; what it throws says what is wrong with it. */
  readonly parse: (text: string) => T
  readonly log: Log
  /** How often the file is looked at, milliseconds. Default: 5 s. */
  readonly pollMs?: number
  /** A longer file cannot be used. Default: 64 MiB. */
  readonly maxBytes?: number
  /** In force until there is a file that can be used. Default: the constructor throws instead. */
  readonly before?: T
  /** Told of each content that comes into force after the constructor is through. */
  readonly changed?: (content: T) => void
  /** Where changes are counted. */
  readonly counts?: FileCounts
}

/** A file that cannot be read, whatever would stand in it. */
export class FileError extends Error {
  readonly code = 'BAD_FILE'
}

/** What tells one file from another that took its place: a link of a mounted ConfigMap leads to another file after a swap. */
const identity = (file: string): string => {
  const { ino, dev, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join()
}

/**
 * The content of a mounted file that may change while we run: written anew in place, renamed over, or behind links that are swapped, as Kubernetes does with
 * ConfigMaps and Secrets. A content that cannot be used leaves the last good one in force. It is looked at by the clock: change notices miss swaps.
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>
  readonly #timer: NodeJS.Timeout
  #current: T
  #text: string | undefined
  /** Of the file that was read last; undefined where that failed. */
  #seen: string | undefined
  #trouble: string | undefined
  readonly #counted: ((result: FileResult) => void) | undefined
  #changed: ((content: T) => void) | undefined

  /** Throws what `parse` throws, or FileError, when the file cannot be used now and nothing is given that holds before. */
  constructor(options: WatchedFileOptions<T>) {
    this.#options = options
    const { before, pollMs = 5_000, name, counts, changed } = options
    if (before === undefined) this.#current = this.#read() as T
    else {
      this.#current = before
      this.reload()
    }
    this.#counted = counts?.follow(name, () => this.trouble !== undefined)
    this.#changed = changed
    this.#timer = setInterval(() => this.#look(), pollMs).unref()
  }

  /** What is in force. */
  get current(): T {
    return this.#current
  }

  /** Why what lies there now is not in force; undefined when it is. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Reads the file again now, whether it seems changed or not. */
  reload(): void {
    const { what, log } = this.#options
    try {
      const content = this.#read()
      this.#trouble = undefined
      if (content === undefined) return
      this.#current = content
      this.#counted?.('done')
      log.info(`The content of ${what} that stands there now is in force.`)
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error)
      if (trouble === this.#trouble) return
      this.#trouble = trouble
      this.#counted?.('failed')
      log.error(`What stands in ${what} now cannot be used; what was in force stays.`, { error })
      return
    }
    this.#changed?.(this.#current)
  }

  /** Nobody looks at the file any more; the content stays. */
  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    let seen: string | undefined
    try {
      seen = identity(this.#options.file)
    } catch {
      // Reading it says what is wrong.
    }
    if (seen === undefined || seen !== this.#seen) this.reload()
  }

  /** The content, or undefined where the text is the one in force. */
  #read(): T | undefined {
    const { file, parse, maxBytes = 64 * 2 ** 20 } = this.#options
    let text: string
    let seen: string
    this.#seen = undefined
    try {
      // Before the text: a file that changes in between is read again.
      seen = identity(file)
      if (statSync(file).size > maxBytes) throw new FileError(`${file} is longer than ${maxBytes} bytes.`)
      text = readFileSync(file, 'utf8')
    } catch (cause) {
      if (cause instanceof FileError) throw cause
      throw new FileError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause })
    }
    this.#seen = seen
    if (text === this.#text) return undefined
    const content = parse(text)
    this.#text = text
    return content
  }
}

/** Counts what becomes of the watched files of a process. */
export class FileCounts {
  readonly #unusable = new Map<string, () => boolean>()
  readonly #reloads: (file: string, result: FileResult) => void

  constructor(metrics: Metrics) {
    const reloads = metrics.counter<'file' | 'result'>(
      'nd_file_reloads_total',
      'Times that a watched file changed, by whether its content could be used.',
      ['file', 'result'],
    )
    this.#reloads = (file, result) => reloads.inc({ file, result })
    metrics.gauge<'file'>(
      'nd_file_unusable',
      '1 while what stands in a watched file cannot be used and an older content is in force.',
      {
        labels: ['file'],
        readEach: () => [...this.#unusable].map(([file, unusable]) => [{ file }, unusable() ? 1 : 0] as const),
      },
    )
  }

  /** Has a file told of; answers what takes each result. */
  follow(file: string, unusable: () => boolean): (result: FileResult) => void {
    this.#unusable.set(file, unusable)
    return (result) => this.#reloads(file, result)
  }
}

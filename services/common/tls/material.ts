import { createHash } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log/log.ts'

export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer
}

export class TlsError extends Error {
  readonly code = 'NO_TLS'
}

/** A workload's own certificate and the authority it trusts, out of a mounted folder. Throws TlsError. */
export function readTls(dir: string): TlsMaterial {
  const read = (name: string) => {
    try {
      return readFileSync(join(dir, name))
    } catch (cause) {
      throw new TlsError(`${join(dir, name)} cannot be read. Mount the workload's certificate there.`, { cause })
    }
  }
  return { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') }
}

const fingerprint = (m: TlsMaterial) => createHash('sha256').update(m.cert).update(m.key).update(m.ca).digest('hex')

/** Keeps TLS material current while its files are replaced under a running process. */
export class TlsFiles {
  readonly #dir: string
  readonly #log: Log
  readonly #listeners = new Set<(material: TlsMaterial) => void>()
  readonly #watched: string
  #current: TlsMaterial

  /** Polls, because a mounted secret is replaced by swapping links, which change notices miss. */
  constructor(dir: string, log: Log, pollMs = 10_000) {
    this.#dir = dir
    this.#log = log
    this.#current = readTls(dir)
    this.#watched = join(dir, 'tls.crt')
    watchFile(this.#watched, { interval: pollMs, persistent: false }, () => this.reload())
  }

  get current(): TlsMaterial {
    return this.#current
  }

  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.add(listener)
  }

  /** Reads the files again now. Unreadable files leave the old material in force. */
  reload(): void {
    try {
      const next = readTls(this.#dir)
      if (fingerprint(next) === fingerprint(this.#current)) return
      this.#current = next
      for (const listener of this.#listeners) listener(next)
      this.#log.info('The TLS certificate was replaced.')
    } catch (error) {
      this.#log.error('The new TLS certificate cannot be used; the old one stays.', { error })
    }
  }

  close(): void {
    unwatchFile(this.#watched)
    this.#listeners.clear()
  }
}
